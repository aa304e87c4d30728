#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "infer/config_reader.h"
#include "model/parameters.h"
#include "train/ops/torch_ops.h"
#include "train/settings.h"

namespace berta::train {

/// One tensor and where it lies in a checkpoint.
struct TrainParameter {
  std::string name;      ///< that a saved file gives it, of V1's parts with "#q" and the like behind it
  at::Tensor tensor;     ///< a leaf of autograd
  model::Source source;  ///< tensor of the file, and which part of it this is
  std::int64_t layer;    ///< 0: embeddings, i: layer i, layers + 1: heads; for rates that fall with depth
  bool is_new = false;   ///< was not in the checkpoint
  bool adapts = false;   ///< A or B of an adapter, which is no tensor of the model's file
};

/// What a training makes of a checkpoint.
struct ModelPlan {
  model::HeadShape heads;       ///< that there shall be; those the checkpoint lacks are made
  bool new_classifier = false;  ///< the checkpoint's is for other labels: made anew
  bool with_positions = false;  ///< the absolute table, which the mask decoder needs
  std::uint64_t seed = 0;       ///< of what is made
  at::ScalarType type = at::kFloat;
  at::Device device = at::kCPU;
  bool plain = false;  ///< on the CPU too what other devices run; see TrainModel
};

/// Weights as leaves of autograd, and the config they belong to.
struct TrainModel {
  infer::ModelInfo info;
  model::HeadShape heads;
  bool has_positions = false;
  /// Attention, norms, dropout and the optimiser are ATen's operations, not our kernels, which take the CPU's
  /// memory only; and the word embedding's gradient is dense, for there one dense step costs less than
  /// finding rows.
  bool plain = false;
  model::ModelWeights<TorchOps> weights;
  std::vector<TrainParameter> parameters;  ///< those that are trained, in the visitor's order
  std::vector<TrainParameter> frozen;      ///< the others
  std::vector<TrainParameter> borrowed;    ///< another model's, which trains them; saved here as well
  AdapterTable adapters;
  LoraSettings lora;                ///< of the adapters
  std::string folder;               ///< that it was read from
  std::vector<std::string> made;    ///< names of new parameters
  std::vector<std::string> unused;  ///< tensors of the checkpoint that were not read and will not be saved

  std::int64_t count() const;    ///< numbers in all parameters, without adapters
  std::int64_t trained() const;  ///< numbers that training changes
};

/// Where its weights lie.
inline at::Device device_of(const TrainModel& model) {
  return model.weights.encoder.embeddings.word.device();
}

/// ", on cuda:0" for a person; of the CPU nothing.
std::string device_note(const TrainModel& model);

/// Reads a model folder. `info` may have been changed since read_config (labels). Throws UserError naming
/// file and tensor: a backbone's tensor missing, a wrong shape, numbers that are not finite.
TrainModel load_model(const std::string& folder, const ModelPlan& plan, infer::ModelInfo info);

/// A model that no file holds: linear weights and embeddings from N(0, initializer_range), biases 0, norms 1
/// (deberta.md 1.14).
TrainModel make_model(const ModelPlan& plan, infer::ModelInfo info);

/// A tensor that is saved in the place of a parameter, if it is defined.
struct SavedInstead {
  at::Tensor parameter, given;
};

/// Writes the weights, adapters merged into them, rounded to `dtype` (f32, f16 or bf16) with the names that
/// the checkpoint had, or `transformers` gives; the file appears whole or not at all. Throws UserError.
void save_weights(const std::string& path, const TrainModel& model, DType dtype,
                  const SavedInstead& instead = {});

/// Random numbers for a new parameter: of the seed and its name alone.
at::Generator generator_of(std::uint64_t seed, const std::string& name);

/// initializer_range of the config, 0.02 if it is not said.
double initializer_range(const infer::ModelInfo& info);

}  // namespace berta::train
