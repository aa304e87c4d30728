#pragma once

#include <cstdint>
#include <string>

#include "train/model/train_model.h"

namespace berta::train {

/// Freezes the encoder and gives its linear layers that the targets name an adapter: A uniform in
/// +-1 / sqrt(in), B zero, so that the model is the same at first; or those of the folder that it shall begin
/// from. Heads stay as they are, and trained. Nothing happens where no adapter is asked for. Throws
/// UserError: a target that names no layer, V1's joint in_proj, an adapter that does not fit.
void add_adapters(TrainModel& model, const LoraSettings& settings, std::uint64_t seed);

/// "encoder.layer.0.attention.self.query_proj" of ".../query_proj.weight".
std::string module_of(const std::string& parameter);

}  // namespace berta::train
