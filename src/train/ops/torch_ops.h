#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include "kernels/dropout.h"
#include "model/ops.h"
#include "train/torch.h"

namespace berta::train {

/// Part of the elements that training drops, by place.
struct DropoutRates {
  double hidden = 0;
  double attention = 0;  ///< of attention probabilities
  double pooler = 0;
  double classifier = 0;
  double adapter = 0;  ///< of the input of low-rank adapters
};

/// A table that is the sum of two: what is trained, and what is given, whose rows get no gradient
/// (gradient-disentangled embedding sharing).
struct SharedTable {
  at::Tensor difference;  ///< the table that the model names
  at::Tensor given;
};

/// A low-rank change of a linear layer's weight W (LoRA, Hu et al. 2021): W + scale B A.
struct Adapter {
  at::Tensor a;      ///< [rank, in]
  at::Tensor b;      ///< [out, rank]
  double scale = 1;  ///< alpha / rank
};

/// Adapters by their weight's TensorImpl.
using AdapterTable = std::unordered_map<const void*, Adapter>;

/// What SiFT does to the summed embeddings e before their norm; LN0 is a layer norm without parameters.
struct Perturbation {
  bool normalise = false;  ///< LN0(e); else e as it is
  at::Tensor delta;        ///< [rows, hidden_size]: LN0(e), without gradient, + delta; undefined: none
};

/// How a forward pass runs.
struct RunOptions {
  bool bf16 = false;   ///< products take bfloat16; scores, norms, residuals and weights stay as they are
  bool plain = false;  ///< attention, norms and dropout from ATen's operations; always so off the CPU
  bool checkpointing = false;  ///< layers keep their input only and run again for their gradients
  DropoutRates dropout{};      ///< all 0: evaluation
  std::uint64_t key = 0;       ///< of the dropouts: another in each step
  /// A table whose gradient shall be by rows; those that are read must have seen all steps (Adam::catch_up).
  /// Of a plain model none is.
  at::Tensor by_rows{};
  SharedTable shared{};
  Perturbation perturbation{};
  const AdapterTable* adapters = nullptr;  ///< Forward gives its model's
};

/// The `Ops` that differentiates: libtorch's tensors with autograd. Works in the type of its weights, float
/// or double, on any device; on the CPU attention and norms are our own kernels, forward and backward.
class TorchOps {
 public:
  using Scalar = float;
  using Tensor = at::Tensor;  ///< [rows, columns]
  using Matrix = at::Tensor;
  using Vector = at::Tensor;
  using Table = at::Tensor;
  using Kernel = at::Tensor;
  using Positions = at::Tensor;

  explicit TorchOps(const RunOptions& options) : options_(options) {}

  Tensor gather(const Table& table, std::span<const std::int32_t> rows);
  Tensor select(const Tensor& x, std::span<const std::int32_t> rows);
  Tensor add(const Tensor& x, const Tensor& y) { return x + y; }
  Tensor linear(const Tensor& x, const model::Linear<TorchOps>& w);
  Tensor linear(const Tensor& x, const model::Linear<TorchOps>& w, model::Activation activation);
  /// With bf16 the result may be in bfloat16.
  Tensor inner_linear(const Tensor& x, const model::Linear<TorchOps>& w, model::Activation activation);
  Tensor linear_norm(const Tensor& x, const model::Linear<TorchOps>& w, const Tensor& residual,
                     const model::LayerNorm<TorchOps>& norm);
  Tensor norm(const Tensor& x, const model::LayerNorm<TorchOps>& w);
  Tensor convolve(const Tensor& x, const model::ConvolutionWeights<TorchOps>& w,
                  const model::Convolution& shape, const model::Rows& rows);
  Positions positions(const Tensor& projected, std::int64_t, model::PositionTerm) { return projected; }
  Tensor attention(const model::AttentionInput<TorchOps>& in);
  Tensor dropout(const Tensor& x, model::DropoutPlace place);
  Tensor perturb(const Tensor& x) const;
  /// With `checkpointing` only x is kept, and backward runs the segment again.
  Tensor run_segment(const Tensor& x, const model::PositionProjections<TorchOps>& positions,
                     model::Segment<TorchOps> segment);
  Tensor tied_logits(const Tensor& x, const Table& table, const Vector& bias);

  /// Dropouts so far: a checkpointed layer that runs again must drop the same elements.
  std::uint64_t place() const { return place_; }
  void set_place(std::uint64_t place) { place_ = place; }

  const RunOptions& options() const { return options_; }

 private:
  /// Of the next place in the model.
  kernels::Dropout next_dropout(double rate);
  /// In the type that products take; each weight and the last activation are converted once.
  Tensor narrow(const Tensor& x);
  Tensor drop(const Tensor& x, double rate);
  /// y + scale dropout(x) A^T B^T where the weight has an adapter; in the type of the weights.
  Tensor adapted(const Tensor& y, const Tensor& x, const Tensor& weight);
  Tensor narrow_weight(const Tensor& w);
  bool fused(const Tensor& x) const { return !options_.plain && x.device().is_cpu(); }

  RunOptions options_;
  std::uint64_t place_ = 0;
  std::unordered_map<const void*, Tensor> narrow_weights_;
  Tensor last_, last_narrow_;
};

static_assert(model::Ops<TorchOps>);

/// act(x), differentiable.
at::Tensor activate(model::Activation activation, const at::Tensor& x);

}  // namespace berta::train
