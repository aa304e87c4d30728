#include "train/optim/averaged_weights.h"

#include "train/run/training_checkpoint.h"

namespace berta::train {

AveragedWeights::AveragedWeights(const TrainModel& model, double decay) : model_(model), decay_(decay) {
  if (decay == 0) return;
  for (const TrainParameter& parameter : model.parameters)
    means_.push_back(parameter.tensor.detach().clone());
}

void AveragedWeights::update() {
  for (std::size_t i = 0; i < means_.size(); ++i) {
    means_[i].lerp_(model_.parameters[i].tensor.detach(), 1 - decay_);
  }
}

void AveragedWeights::save(TrainingState& state) const {
  for (std::size_t i = 0; i < means_.size(); ++i) {
    state.tensors.emplace_back("mean." + model_.parameters[i].name, means_[i]);
  }
}

void AveragedWeights::restore(const TrainingState& state) {
  for (std::size_t i = 0; i < means_.size(); ++i) {
    means_[i].copy_(state.tensor("mean." + model_.parameters[i].name));
  }
}

void AveragedWeights::swap() {
  for (std::size_t i = 0; i < means_.size(); ++i) {
    const at::Tensor weight = model_.parameters[i].tensor.detach();
    const at::Tensor kept = weight.clone();
    weight.copy_(means_[i]);
    means_[i].copy_(kept);
  }
}

}  // namespace berta::train
