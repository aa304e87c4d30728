#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "train/objectives/masked_batches.h"
#include "train/objectives/tied_loss.h"
#include "train/optim/step.h"

namespace berta::train {

/// A masked language model in training: that of mlm, or the generator of rtd.
class MaskedModel {
 public:
  MaskedModel(const PretrainSettings& settings, TrainModel model, std::int64_t steps,
              Workers& workers = only_worker());

  struct Result {
    double loss = 0;  ///< times the batch's share of all gaps, as the next
    double accuracy = 0;
    std::vector<std::int32_t> drawn;  ///< tokens for the gaps, where they were asked for
  };
  /// Loss of a batch; its gradients, times `share`, are added. `key` makes dropout and drawn tokens.
  Result backward(const MaskedBatch& batch, std::uint64_t key, double share, bool draws);
  /// Without gradient, without dropout; no rows may lag behind.
  Result evaluate(const MaskedBatch& batch, std::uint64_t key, bool draws);

  const at::Tensor& word_table() const { return model_.weights.encoder.embeddings.word; }
  const TrainModel& model() const { return model_; }
  Stepper& stepper() { return stepper_; }

 private:
  NeededRows needed_rows() const;
  at::Tensor loss(Forward& forward, const MaskedBatch& batch, std::optional<std::uint64_t> seed,
                  TiedLossFacts& facts) const;
  static Result result(const at::Tensor& loss, TiedLossFacts facts, const MaskedBatch& batch);

  const PretrainSettings& settings_;
  const Workers& workers_;
  TrainModel model_;
  DropoutRates rates_;
  Stepper stepper_;
};

/// The heads of such a model, as the settings say.
ModelPlan masked_model_plan(const PretrainSettings& settings, const infer::ModelInfo& info);

}  // namespace berta::train
