#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/tensor_view.h"
#include "io/json.h"
#include "io/mapped_file.h"

namespace berta::io {

/// One tensor of a checkpoint, as the file names it.
struct CheckpointTensor {
  std::string name;
  TensorView view;
  std::string file;  ///< path of the file it lies in, for messages
};

/// All tensors of a model folder, memory-mapped where the format allows: no payload is copied or read at
/// open. First found of model.safetensors, model.safetensors.index.json + shards, pytorch_model.bin,
/// pytorch_model.bin.index.json + shards, prepared.safetensors. Shards may not lie outside the folder.
class Checkpoint {
 public:
  /// `path`: a folder, or one weight file. Throws UserError: nothing found (lists what was looked for), a
  /// malformed file, an index that names a missing file or tensor, a tensor named in two shards.
  static Checkpoint open(const std::string& path);

  /// Sorted by name.
  const std::vector<CheckpointTensor>& tensors() const { return tensors_; }
  /// Nullptr if there is no such tensor.
  const CheckpointTensor* find(std::string_view name) const;

  /// Lets the system take back the memory of a mapped tensor that has been copied; what is read again later
  /// comes from the file again.
  void release(const TensorView& view) const;

  /// What safetensors files say beside their tensors, under "__metadata__": key and value.
  const std::vector<std::pair<std::string, std::string>>& metadata() const { return metadata_; }

  /// The config that very old Microsoft .bin files carry beside the tensors.
  const std::optional<Json>& embedded_config() const { return embedded_config_; }

  /// The files opened, for messages and `inspect`.
  const std::vector<std::string>& files() const { return files_; }

 private:
  Checkpoint() = default;
  void add_file(const std::string& path);
  void add_index(const std::string& path);
  void sort_and_refuse_duplicates();

  std::vector<CheckpointTensor> tensors_;
  std::vector<std::string> files_;
  std::optional<Json> embedded_config_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  std::vector<std::shared_ptr<const MappedFile>> mappings_;
  std::vector<std::shared_ptr<const void>> blocks_;  ///< decoded tensors that views point into
};

}  // namespace berta::io
