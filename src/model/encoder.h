#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "model/attention.h"
#include "model/embeddings.h"

namespace berta::model {

/// One layer, post-norm:  a = attend(x_q, x);  y = LN(dropout(W_2 act(W_1 a + b_1) + b_2) + a) [query_rows,
/// D]
template <Ops O>
typename O::Tensor layer(O& ops, const LayerWeights<O>& w, const PositionProjections<O>& positions,
                         const Context& context, const typename O::Tensor& x_query,
                         const typename O::Tensor& x) {
  const auto a = attend(ops, w.attention, positions, context, x_query, x);
  const auto h =
      ops.inner_linear(a, w.intermediate, context.config.activation);  // [query_rows, intermediate_size]
  return ops.linear_norm(h, w.output, a, w.norm);
}

/// The input of the last layer, which the mask decoder starts from, and its output.     [rows, D] both
template <Ops O>
struct Encoded {
  typename O::Tensor before_last;
  typename O::Tensor last;
};

/// Called with 0 and the embedding output, then with i and the output of layer i (of layer 1: after the
/// convolution).
template <class O>
using LayerObserver = std::function<void(std::int64_t, const typename O::Tensor&)>;

/// How far to run, and who looks on.
template <class O>
struct LayerRun {
  LayerObserver<O> observe;
  std::size_t count;
};

/// x0 -> the first `run.count` layers -> hidden states. V2's convolution reads the embedding output beside
/// the first layer:
///   x1 = LN(layer_1(x0) + act(conv(x0)))
template <Ops O>
Encoded<O> encode_layers(O& ops, const EncoderWeights<O>& w,
                         const std::vector<PositionProjections<O>>& positions, const Context& context,
                         const Tokens& tokens, const LayerRun<O>& run) {
  const Config& config = context.config;
  const LayerObserver<O>& observe = run.observe;
  auto x = embed(ops, w.embeddings, config.embeddings, tokens);
  if (observe) observe(0, x);
  typename O::Tensor before;
  for (std::size_t i = 0; i < run.count; ++i) {
    auto y = ops.run_segment(
        x, positions[i],
        [&ops, &layer_weights = w.layers[i], &context](const auto& in, const auto& projected) {
          return layer(ops, layer_weights, projected, context, in, in);
        });
    if (i == 0 && w.convolution) {
      auto c = ops.convolve(x, *w.convolution, config.convolution, tokens.rows);
      y = ops.norm(ops.add(std::move(y), c), w.convolution->norm);
    }
    before = std::exchange(x, std::move(y));
    if (observe) observe(static_cast<std::int64_t>(i) + 1, x);
  }
  return {.before_last = std::move(before), .last = std::move(x)};
}

/// All layers.
template <Ops O>
Encoded<O> encode(O& ops, const EncoderWeights<O>& w, const std::vector<PositionProjections<O>>& positions,
                  const Context& context, const Tokens& tokens, const LayerObserver<O>& observe) {
  return encode_layers<O>(ops, w, positions, context, tokens, {observe, w.layers.size()});
}

/// The output of the last layer for some rows: its keys and values come from all of them, the rest is
/// computed for those that are asked for. h [rows, D] is its input; `context.query_rows` are the asked rows,
/// `picked` their indexes.
template <Ops O>
typename O::Tensor last_layer_rows(O& ops, const EncoderWeights<O>& w,
                                   const PositionProjections<O>& positions, const Context& context,
                                   const typename O::Tensor& h, const std::vector<std::int32_t>& picked) {
  return layer(ops, w.layers.back(), positions, context, ops.select(h, picked), h);
}

}  // namespace berta::model
