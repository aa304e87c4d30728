#pragma once

#include <vector>

#include "train/model/train_model.h"

namespace berta::train {

struct TrainingState;

/// The exponential mean of all weights over the steps: decay mean + (1 - decay) weight.
class AveragedWeights {
 public:
  /// decay 0: there is none, and nothing below does anything.
  AveragedWeights(const TrainModel& model, double decay);

  /// After each step.
  void update();

  void save(TrainingState& state) const;
  void restore(const TrainingState& state);

  /// While one lives the model has the means for weights.
  class Use {
   public:
    explicit Use(AveragedWeights& weights) : weights_(weights) { weights_.swap(); }
    ~Use() { weights_.swap(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    AveragedWeights& weights_;
  };

 private:
  void swap();

  const TrainModel& model_;
  double decay_;
  std::vector<at::Tensor> means_;
};

}  // namespace berta::train
