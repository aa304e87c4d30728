#pragma once

#include <string>
#include <utility>
#include <vector>

#include "train/train_model.h"

namespace berta::train {

/// Names and tensors.
using DumpedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// For checks against other implementations: FILE gets "loss", "gradient.NAME" of the present gradients, and
/// what else there is to say of the step.
void dump_gradients(const std::string& file, const TrainModel& model, double loss, const DumpedTensors& more);
/// Adds "weight.NAME" to such a file.
void dump_weights(const std::string& file, const TrainModel& model);

}  // namespace berta::train
