#pragma once

#include <string>
#include <vector>

#include "train/model/train_model.h"

namespace berta::train {

/// What a saved model's config says of its head.
struct HeadFacts {
  std::string architecture;         ///< "ForSequenceClassification": the model's class goes before it
  std::vector<std::string> labels;  ///< empty: the config's own stay
  std::string problem_type;
};

/// How a folder is written.
struct SavedAs {
  std::string tokenizer;  ///< the folder that its files come from
  DType dtype = DType::f32;
  SavedInstead instead{};
};

/// The config of the model that is trained, with that head: the keys of the checkpoint's config, and those
/// that the head and the weights' type change.
std::string config_text(const infer::ModelInfo& info, const HeadFacts& head, DType dtype);

/// Writes config.json, model.safetensors and the tokenizer's files, as `transformers` reads them.
/// Adapters are merged, and lie beside in a folder "adapter" too. Throws UserError.
void write_model_folder(const std::string& folder, const TrainModel& model, const HeadFacts& head,
                        const SavedAs& as);

}  // namespace berta::train
