#pragma once

#include "model/ops.h"

namespace berta::model {

/// x0 = dropout(LN(perturb(E_word[id] (+ E_pos[p]) (+ E_type[t]) [W_proj])))     [rows, hidden_size]
template <Ops O>
typename O::Tensor embed(O& ops, const EmbeddingWeights<O>& w, const Embeddings& config,
                         const Tokens& tokens) {
  auto x = ops.gather(w.word, tokens.ids);  // [rows, size]
  if (config.add_positions) x = ops.add(std::move(x), ops.gather(*w.position, tokens.rows.positions));
  if (w.token_type) x = ops.add(std::move(x), ops.gather(*w.token_type, tokens.types));
  if (w.projection) x = ops.linear(x, *w.projection);
  return ops.dropout(ops.norm(ops.perturb(std::move(x)), w.norm), DropoutPlace::hidden);
}

}  // namespace berta::model
