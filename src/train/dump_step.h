#pragma once

#include <string>

#include "train/train_model.h"

namespace berta::train {

/// For checks against other implementations: FILE gets "loss" and "gradient.NAME" of the present gradients.
void dump_gradients(const std::string& file, const TrainModel& model, double loss);
/// Adds "weight.NAME" to such a file.
void dump_weights(const std::string& file, const TrainModel& model);

}  // namespace berta::train
