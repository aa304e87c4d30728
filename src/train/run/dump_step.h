#pragma once

#include <string>
#include <vector>

#include "io/weight_file.h"
#include "train/model/forward.h"
#include "train/model/train_model.h"

namespace berta::train {

/// What a training step read and made, for checks against other implementations: a safetensors file with
/// floats as F32 and integers as I32.
class StepDump {
 public:
  void add(const std::string& name, const at::Tensor& tensor);
  void add(const std::string& name, double number) { add(name, at::tensor(number, at::kDouble)); }

  /// "input_ids", the packed rows; "positions", where they stand in their sequences; "starts", where those
  /// begin, and the end; "picked_rows" among the rows. Each with the prefix.
  void add_batch(const std::string& prefix, const Batch& batch);
  /// "gradient.NAME" of the parameters that have one now.
  void add_gradients(const std::string& prefix, const TrainModel& model);
  /// "weight.NAME" as they are now.
  void add_weights(const std::string& prefix, const TrainModel& model);

  void write(const std::string& file) const;

 private:
  std::vector<at::Tensor> kept_;  // what named_ views
  std::vector<io::NamedTensor> named_;
};

}  // namespace berta::train
