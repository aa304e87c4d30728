#pragma once

#include <vector>

#include "model/encoder.h"

namespace berta::model {

/// The Enhanced Mask Decoder (section 3.2 of the paper; apps/models/masked_language_model.py of
/// microsoft/DeBERTa 4d7fe0b): absolute positions enter beside the last layer, which runs twice with its
/// weights shared, keys and values always from h, the input of the last layer. Only the asked rows are
/// computed.
///   z0 = P_abs + h;   z1 = Layer_N(kv = h, query = z0);   z2 = Layer_N(kv = h, query = z1)
/// `context.query_rows` are the asked rows, `picked` their indexes into h's rows.     -> [picked, D]
template <Ops O>
typename O::Tensor decode_masked(O& ops, const EncoderWeights<O>& w, const PositionProjections<O>& positions,
                                 const Context& context, const typename O::Tensor& h,
                                 const std::vector<std::int32_t>& picked) {
  const auto& last = w.layers.back();
  auto z = ops.add(ops.select(h, picked), ops.gather(*w.embeddings.position, context.query_rows.positions));
  for (int step = 0; step < 2; ++step) z = layer(ops, last, positions, context, z, h);
  return z;
}

}  // namespace berta::model
