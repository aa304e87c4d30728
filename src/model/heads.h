#pragma once

#include <algorithm>
#include <vector>

#include "model/encoder.h"

namespace berta::model {

/// Row of each sequence's first token, [CLS].
inline std::vector<std::int32_t> first_rows(const Rows& rows) {
  return {rows.starts.begin(), rows.starts.end() - 1};
}

/// act(W dropout(h[CLS]) + b), the context pooler, of the sequences' first rows.     [sequences, pooler_size]
template <Ops O>
typename O::Tensor pool(O& ops, const Linear<O>& pooler, Activation activation,
                        const typename O::Tensor& first) {
  return ops.linear(ops.dropout(first, DropoutPlace::pooler), pooler, activation);
}

/// Sequence classification, regression or one score a choice: classifier(dropout(pool(h[CLS]))), of the
/// sequences' first rows.     [sequences, labels]
template <Ops O>
typename O::Tensor classify_sequences(O& ops, const HeadWeights<O>& w, const Config& config,
                                      const typename O::Tensor& first) {
  auto pooled = pool(ops, *w.pooler, config.pooler_activation, first);
  return ops.linear(ops.dropout(std::move(pooled), DropoutPlace::classifier), *w.classifier);
}

/// Token classification: classifier(dropout(h)); Microsoft's NER head has gelu(proj h) in place of h.
/// [rows, labels]
template <Ops O>
typename O::Tensor classify_tokens(O& ops, const HeadWeights<O>& w, const typename O::Tensor& h) {
  if (!w.token_projection) return ops.linear(ops.dropout(h, DropoutPlace::classifier), *w.classifier);
  auto projected = ops.linear(h, *w.token_projection, Activation::gelu);
  return ops.linear(ops.dropout(std::move(projected), DropoutPlace::classifier), *w.classifier);
}

/// LN(act(W z + b)).     z [picked, D] -> [picked, embedding size]
template <Ops O>
typename O::Tensor language_model_features(O& ops, const LanguageModelHead<O>& w, Activation activation,
                                           const typename O::Tensor& z) {
  return ops.norm(ops.linear(z, w.dense, activation), w.norm);
}

/// LN(act(W z + b)) E^T + bias.     z [picked, D] -> [picked, vocabulary]
template <Ops O>
typename O::Tensor language_model_logits(O& ops, const LanguageModelHead<O>& w, const typename O::Table& word,
                                         Activation activation, const typename O::Tensor& z) {
  const auto hidden = language_model_features(ops, w, activation, z);
  return ops.tied_logits(hidden, w.decoder ? *w.decoder : word, w.bias);
}

/// Replaced-token detection (section 3 of DeBERTaV3): w act(W LN(h_i + h_CLS) + b) + c.     [rows, 1]
template <Ops O>
typename O::Tensor replaced_token_logits(O& ops, const ReplacedTokenHead<O>& w, Activation activation,
                                         const typename O::Tensor& h, const Rows& rows) {
  std::vector<std::int32_t> cls(rows.count());
  for (std::size_t s = 0; s < rows.sequences(); ++s) {
    std::fill(cls.begin() + rows.starts[s], cls.begin() + rows.starts[s + 1], rows.starts[s]);
  }
  const auto u = ops.norm(ops.add(ops.select(h, cls), h), w.norm);
  return ops.linear(ops.linear(u, w.dense, activation), w.classifier);
}

}  // namespace berta::model
