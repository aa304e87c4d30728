#include "train/ops/torch_ops.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.h"
#include "train/ops/functions.h"

namespace berta::train {

using model::Activation;

namespace {

at::Tensor indexes(std::span<const std::int32_t> rows, const at::Tensor& like) {
  // The span's memory is the caller's; to(kLong) copies.
  return at::from_blob(const_cast<std::int32_t*>(rows.data()), {static_cast<std::int64_t>(rows.size())},
                       at::kInt)
      .to(like.device(), at::kLong);
}

const at::Tensor& bias_of(const model::Linear<TorchOps>& w) {
  static const at::Tensor kNone;
  return w.bias ? *w.bias : kNone;
}

}  // namespace

at::Tensor activate(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::identity:
      return x;
    case Activation::gelu:
      return at::gelu(x);
    case Activation::gelu_tanh:
      return at::gelu(x, "tanh");
    case Activation::quick_gelu:
      return x * at::sigmoid(x * 1.702);
    case Activation::relu:
      return at::relu(x);
    case Activation::relu2:
      return at::square(at::relu(x));
    case Activation::relu6:
      return at::clamp(x, 0, 6);
    case Activation::leaky_relu:
      return at::leaky_relu(x, 0.01);
    case Activation::elu:
      return at::elu(x);
    case Activation::silu:
      return at::silu(x);
    case Activation::mish:
      return at::mish(x);
    case Activation::tanh:
      return at::tanh(x);
    case Activation::sigmoid:
      return at::sigmoid(x);
  }
  throw InternalError("unknown activation");
}

kernels::Dropout TorchOps::next_dropout(double rate) {
  const std::uint64_t place = place_++;
  return {kernels::dropout_threshold(rate), kernels::mix(options_.key ^ kernels::mix(place))};
}

at::Tensor TorchOps::narrow(const Tensor& x) {
  if (!last_.is_same(x)) {
    last_narrow_ = x.detach().to(at::kBFloat16);
    last_ = x;
  }
  return last_narrow_;
}

at::Tensor TorchOps::narrow_weight(const Tensor& w) {
  Tensor& kept = narrow_weights_[w.unsafeGetTensorImpl()];
  if (!kept.defined()) kept = w.detach().to(at::kBFloat16);
  return kept;
}

at::Tensor TorchOps::gather(const Table& table, std::span<const std::int32_t> rows) {
  const Tensor index = indexes(rows, table);
  // A step touches few of a vocabulary's rows, and a dense gradient is as large as the table.
  const bool sparse = options_.by_rows.defined() && table.is_same(options_.by_rows);
  Tensor looked_up = at::embedding(table, index, /*padding_idx=*/-1, /*scale_grad_by_freq=*/false, sparse);
  if (!options_.shared.difference.defined() || !table.is_same(options_.shared.difference)) return looked_up;
  return looked_up + options_.shared.given.detach().index_select(0, index);
}

at::Tensor TorchOps::select(const Tensor& x, std::span<const std::int32_t> rows) {
  return x.index_select(0, indexes(rows, x));
}

at::Tensor TorchOps::linear(const Tensor& x, const model::Linear<TorchOps>& w) {
  const Tensor& bias = bias_of(w);
  const Tensor y = options_.bf16 ? narrow_linear(x, narrow(x), w.weight, narrow_weight(w.weight), bias)
                                 : wide_linear(x, w.weight, bias);
  return options_.adapters == nullptr ? y : adapted(y, x, w.weight);
}

at::Tensor TorchOps::adapted(const Tensor& y, const Tensor& x, const Tensor& weight) {
  const auto found = options_.adapters->find(weight.unsafeGetTensorImpl());
  if (found == options_.adapters->end()) return y;
  const Adapter& adapter = found->second;
  const Tensor wide = x.to(weight.scalar_type());  // an inner layer's x is narrow with bf16
  const Tensor inner = at::linear(drop(wide, options_.dropout.adapter), adapter.a);
  return at::add(y, at::linear(inner, adapter.b), adapter.scale);
}

at::Tensor TorchOps::linear(const Tensor& x, const model::Linear<TorchOps>& w, Activation activation) {
  return activate(activation, linear(x, w));
}

at::Tensor TorchOps::inner_linear(const Tensor& x, const model::Linear<TorchOps>& w, Activation activation) {
  if (activation != Activation::gelu || !w.bias || !fused(x)) return linear(x, w, activation);
  // An adapter changes what is activated, in the type of the weights.
  const bool adapts =
      options_.adapters != nullptr && options_.adapters->contains(w.weight.unsafeGetTensorImpl());
  const Tensor y = options_.bf16 && !adapts ? inner_product(x, narrow(x), w.weight, narrow_weight(w.weight))
                                            : linear(x, {.weight = w.weight, .bias = {}});
  return fused_gelu(y, *w.bias);
}

at::Tensor TorchOps::linear_norm(const Tensor& x, const model::Linear<TorchOps>& w, const Tensor& residual,
                                 const model::LayerNorm<TorchOps>& n) {
  const Tensor y = linear(x, w);
  const kernels::Dropout dropout = next_dropout(options_.dropout.hidden);
  const NormTensors tensors{n.weight, n.bias, n.epsilon};
  return fused(y) ? fused_norm(y, residual, tensors, dropout) : plain_norm(y, residual, tensors, dropout);
}

at::Tensor TorchOps::norm(const Tensor& x, const model::LayerNorm<TorchOps>& w) {
  return at::layer_norm(x, {x.size(1)}, w.weight, w.bias, w.epsilon);
}

namespace {

/// conv(x) of one sequence. A position that no row stands at counts as zeros, as those beyond the ends do.
at::Tensor convolve_sequence(const at::Tensor& x, std::span<const std::int32_t> positions,
                             const model::ConvolutionWeights<TorchOps>& w, const model::Convolution& shape) {
  const auto convolved = [&](const at::Tensor& in) {  // [length, D]
    return at::conv1d(in.t().unsqueeze(0), w.weight, w.bias, 1, (shape.kernel - 1) / 2, 1, shape.groups)
        .squeeze(0)
        .t();
  };
  if (positions.empty() || positions.back() + 1 == x.size(0)) return convolved(x);
  const at::Tensor places = indexes(positions, x);
  const at::Tensor spread =
      at::zeros({positions.back() + 1, x.size(1)}, x.options()).index_copy(0, places, x);
  return convolved(spread).index_select(0, places);
}

}  // namespace

at::Tensor TorchOps::convolve(const Tensor& x, const model::ConvolutionWeights<TorchOps>& w,
                              const model::Convolution& shape, const model::Rows& rows) {
  std::vector<Tensor> outs;
  for (std::size_t s = 0; s < rows.sequences(); ++s) {
    const Tensor part = x.slice(0, rows.starts[s], rows.starts[s + 1]);
    outs.push_back(convolve_sequence(part, rows.positions_of(s), w, shape));
  }
  const Tensor c = at::cat(outs);
  const kernels::Dropout dropout = next_dropout(options_.dropout.hidden);
  return activate(shape.activation, fused(c) ? fused_drop(c, dropout) : plain_drop(c, dropout));
}

at::Tensor TorchOps::attention(const model::AttentionInput<TorchOps>& in) {
  const AttentionTensors tensors{in.query, in.key, in.value, in.positions.key.value_or(Tensor()),
                                 in.positions.query.value_or(Tensor())};
  auto shape =
      std::make_shared<AttentionShape>(AttentionShape{.relative = in.relative,
                                                      .query_rows = in.query_rows,
                                                      .key_rows = in.key_rows,
                                                      .heads = in.heads,
                                                      .scale = in.scale,
                                                      .dropout = next_dropout(options_.dropout.attention)});
  return fused(in.query) ? fused_attention(tensors, std::move(shape)) : plain_attention(tensors, *shape);
}

at::Tensor TorchOps::dropout(const Tensor& x, model::DropoutPlace place) {
  const DropoutRates& rates = options_.dropout;
  const double rate = place == model::DropoutPlace::hidden   ? rates.hidden
                      : place == model::DropoutPlace::pooler ? rates.pooler
                                                             : rates.classifier;
  return drop(x, rate);
}

at::Tensor TorchOps::drop(const Tensor& x, double rate) {
  const kernels::Dropout dropout = next_dropout(rate);
  return fused(x) ? fused_drop(x, dropout) : plain_drop(x, dropout);
}

at::Tensor TorchOps::perturb(const Tensor& x) const {
  constexpr double kEpsilon = 1e-7;  // of sift/sift.py
  const Perturbation& perturbation = options_.perturbation;
  if (!perturbation.normalise) return x;
  const Tensor normal = at::layer_norm(x, {x.size(1)}, {}, {}, kEpsilon);
  return perturbation.delta.defined() ? normal.detach() + perturbation.delta : normal;
}

at::Tensor TorchOps::run_segment(const Tensor& x, const model::PositionProjections<TorchOps>& positions,
                                 model::Segment<TorchOps> segment) {
  if (!options_.checkpointing || !at::GradMode::is_enabled()) return segment(x, positions);
  // Only a tensor that needs a gradient makes autograd run the layer again; below frozen layers x needs none,
  // but what is trained inside does.
  const Tensor in_graph = x.requires_grad() ? x : x.detach().requires_grad_();
  return run_again(in_graph, positions.key.value_or(Tensor()), positions.query.value_or(Tensor()),
                   [this, place = place_, segment = std::move(segment)](const Tensor& in, const Tensor& key,
                                                                        const Tensor& query) {
                     const std::uint64_t before = std::exchange(place_, place);
                     model::PositionProjections<TorchOps> projected;
                     if (key.defined()) projected.key = key;
                     if (query.defined()) projected.query = query;
                     Tensor out = segment(in, projected);
                     place_ = std::max(place_, before);
                     return out;
                   });
}

at::Tensor TorchOps::tied_logits(const Tensor& x, const Table& table, const Vector& bias) {
  return linear(x, {.weight = table, .bias = bias});
}

}  // namespace berta::train
