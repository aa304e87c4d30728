#pragma once

#include <string>

#include "train/model/train_model.h"

namespace berta::train {

// Folders of adapters in PEFT's form: adapter_config.json, and adapter_model.safetensors with
// "base_model.model.NAME.lora_A.weight", "....lora_B.weight" and the heads' tensors ("modules_to_save").

/// Writes the adapters and heads of a model. `architecture`: "ForSequenceClassification" and the like. Throws
/// UserError.
void write_adapter(const std::string& folder, const TrainModel& model, const std::string& architecture);

/// The settings with rank, alpha and targets of the folder `settings.adapter`. Throws UserError: no LoRA
/// adapter, one of a kind that Berta has not, another rank than was asked for.
LoraSettings read_adapter_settings(const LoraSettings& settings);

/// Reads adapters and heads into a model that has them. A classifier for another number of labels stays as it
/// is. Throws UserError: a tensor that is missing, of another shape or that the model has not.
void read_adapter(const std::string& folder, TrainModel& model);

}  // namespace berta::train
