#pragma once

#include <string>
#include <vector>

#include "infer/model.h"

namespace berta::infer {

/// A tensor of the checkpoint, as `inspect` lists it.
struct TensorFacts {
  enum class Use : std::uint8_t { used, unused, unexpected };
  std::string name;
  std::string file;
  DType dtype = DType::f32;
  Shape shape;
  Use use = Use::used;  ///< unused: a name of the family that this config or these heads do not use
};

/// What a model folder holds, without reading its weights.
struct Inspection {
  ModelInfo info;
  LoadReport report;
  std::vector<TensorFacts> tensors;
  std::vector<std::string> files;
  std::vector<std::string> missing;   ///< "NAME [shape]" of parameters that no tensor was found for
  std::vector<std::string> problems;  ///< one line each: wrong shapes and types
  Head head = Head::none;             ///< that `Head::automatic` runs
  bool enhanced_decoder = false;      ///< that `MaskDecoder::automatic` runs
  std::size_t loaded_bytes = 0;       ///< of the weights that are copied to f32 at load
  std::size_t mapped_bytes =
      0;  ///< of the tables, and of the panels of a prepared folder, that stay in the file
};

/// Throws UserError if the folder has no readable config or weights; what is wrong with single tensors is
/// listed.
Inspection inspect(const std::string& path);

}  // namespace berta::infer
