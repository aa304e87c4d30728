#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "train/torch.h"

namespace berta::train {

/// All that a training needs to go on: tensors by name (float, double, int or long), and small facts as text.
struct TrainingState {
  std::int64_t step = 0;
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  std::map<std::string, std::string> facts;

  bool has(const std::string& tensor) const;
  /// Throws UserError that names what is missing.
  const at::Tensor& tensor(const std::string& name) const;
  const std::string& fact(const std::string& name) const;
  double number(const std::string& name) const;
};

/// The checkpoints of one training, in a folder of their own. A checkpoint is a safetensors file, written
/// beside the ones before, synced and renamed, and then checkpoint.json, which names it with its size and
/// CRC-32C and is replaced the same way: a process that dies at any moment leaves the last whole one in
/// charge.
class CheckpointFolder {
 public:
  /// `folder` is made when something is written.
  explicit CheckpointFolder(std::string folder) : folder_(std::move(folder)) {}

  bool has_checkpoint() const;
  /// Then removes the older ones. Throws UserError: no space, no permission; then the one before is still in
  /// charge.
  void write(const TrainingState& state);
  /// Throws UserError naming the file: none, other bytes than were written, not of this program.
  TrainingState read() const;
  /// When the training is over.
  void remove() const;

 private:
  std::string index() const;

  std::string folder_;
};

/// A double that reads back to the same bits.
std::string exact_text(double number);

}  // namespace berta::train
