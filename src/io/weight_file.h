#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/tensor_view.h"
#include "io/json.h"

namespace berta::io {

/// A tensor as a weight file names it.
struct NamedTensor {
  std::string name;
  TensorView view;
};

/// What any of the weight file readers finds. The views point into the bytes that were read and into
/// `blocks`.
struct WeightFile {
  std::vector<NamedTensor> tensors;                           ///< in the order of the file; no name twice
  std::vector<std::pair<std::string, std::string>> metadata;  ///< safetensors' __metadata__
  std::vector<std::shared_ptr<const void>> blocks;            ///< tensors that had to be copied
  std::optional<Json> embedded_config;
};

}  // namespace berta::io
