#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "train/model/forward.h"
#include "train/settings.h"

namespace berta::train {

/// Of rows of logits p and q, each row's  sum_c P_c (-log Q_c) + Q_c (-log P_c)  [rows]. The first factors
/// count as constants, so gradients come through the logarithms of both. A single column holds scores, whose
/// softmax says nothing; theirs is (p - q)^2, as in SMART (Jiang et al. 2020), where Microsoft's would be 0.
at::Tensor divergence(const at::Tensor& p, const at::Tensor& q);

/// clamp(N(0, spread), -2 spread, 2 spread), a pure function of `key` and the shape.
at::Tensor first_perturbation(std::int64_t rows, std::int64_t columns, double spread, std::uint64_t key);

/// delta + step g / (1e-6 + max_j |g_j|), the maximum along each row; delta itself where g is not finite.
at::Tensor climbed(const at::Tensor& delta, const at::Tensor& gradient, double step);

/// A batch that has been run once, and how it is run again.
struct SiftBatch {
  const TrainModel& model;
  const Batch& batch;
  NeededRows needed = NeededRows::all;
  RunOptions options;  ///< of the clean pass: with `perturbation.normalise`
  /// [rows, classes] of a pass.
  std::function<at::Tensor(Forward&)> distributions;
};

/// Scale-invariant fine-tuning on one batch (section 5 of the DeBERTa paper; sift/sift.py of
/// microsoft/DeBERTa 4d7fe0b). Holds what the gradients need, so it must live until they are computed.
class Sift {
 public:
  Sift(const SiftSettings& settings, SiftBatch batch);

  /// Mean divergence of the clean distributions and those of the batch under the perturbation that one step
  /// of ascent finds. The model's gradients stay as they are until the result's backward().
  at::Tensor loss(const at::Tensor& clean);

  /// The perturbation before the ascent, [rows, hidden_size].
  const at::Tensor& start() const { return start_; }

 private:
  at::Tensor run(const at::Tensor& delta, std::uint64_t pass);
  at::Tensor ascent(const at::Tensor& clean);

  const SiftSettings& settings_;
  SiftBatch batch_;
  at::Tensor start_;
  std::unique_ptr<Forward> forward_;  // the last pass
};

}  // namespace berta::train
