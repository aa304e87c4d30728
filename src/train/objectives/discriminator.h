#pragma once

#include <span>

#include "train/objectives/masked_batches.h"
#include "train/optim/step.h"

namespace berta::train {

/// The discriminator of rtd: for each token, was it replaced?
class Discriminator {
 public:
  /// `given`: the generator's word embedding.
  Discriminator(const PretrainSettings& settings, TrainModel model, at::Tensor given, std::int64_t steps,
                Workers& workers = only_worker());

  struct Result {
    double loss = 0;      ///< without lambda
    double accuracy = 0;  ///< of all tokens
    double replaced = 0;  ///< part of the tokens that were
    double found = 0;     ///< part of those that it found
  };
  /// The batch with the drawn tokens in its gaps; adds the gradients of lambda * loss * share. These and the
  /// result count as the batch's part of all workers' tokens.
  Result backward(const MaskedBatch& batch, std::span<const std::int32_t> drawn, std::uint64_t key,
                  double share);
  Result evaluate(const MaskedBatch& batch, std::span<const std::int32_t> drawn);

  const TrainModel& model() const { return model_; }
  Stepper& stepper() { return stepper_; }
  /// The word embedding that its layers see, as a saved model holds it.
  at::Tensor effective_table();

 private:
  RunOptions options() const;
  /// Adds the gradients of weight * loss, where gradients are on.
  Result run(const Batch& batch, const RunOptions& options, const at::Tensor& targets, double weight) const;

  const PretrainSettings& settings_;
  const Workers& workers_;
  TrainModel model_;
  at::Tensor given_;
  DropoutRates rates_;
  Stepper stepper_;
};

}  // namespace berta::train
