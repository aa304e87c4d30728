#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/atomic_file.h"
#include "io/weight_file.h"

namespace berta::io {

/// Reads the header of a whole safetensors file in memory (usually mapped) without touching the payload.
/// Rules of the official reader (huggingface/safetensors, safetensors/src/tensor.rs at 24b0b28) and of its
/// written format: a header of at most 100,000,000 bytes that begins with '{'; names once; tensors contiguous
/// from 0 without hole or overlap to the very end of the file; sizes that agree with shape and type.
/// `name` begins the errors. Throws UserError.
WeightFile parse_safetensors(std::span<const std::byte> bytes, std::string_view name);

/// What the header says of a tensor that is to be written.
struct TensorSpec {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;
};

/// Where tensors begin in the file.
enum class Alignment : std::uint8_t {
  element,     ///< as the official writer lays them
  cache_line,  ///< those whose size is a multiple of 64 bytes come first, each at a multiple of 64
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

/// Writes a safetensors file in pieces, so that no tensor need be in memory whole. The same tensors and
/// metadata give the same bytes, those of the official writer: types of large alignment first, then by name.
/// The file appears under its name only with finish().
class SafetensorsWriter {
 public:
  /// Throws UserError: a name twice, a size that overflows, a file that can't be written.
  SafetensorsWriter(const std::string& path, std::vector<TensorSpec> tensors, const Metadata& metadata = {},
                    Alignment alignment = Alignment::element);

  /// The order in which the payloads must be given.
  const std::vector<TensorSpec>& order() const { return tensors_; }

  /// The next bytes of the payload: little-endian C order, cut anywhere.
  void write(std::span<const std::byte> bytes);

  /// Syncs and renames. Throws InternalError if fewer bytes than announced came.
  void finish();

 private:
  std::vector<TensorSpec> tensors_;
  std::size_t missing_ = 0;  ///< bytes of payload still to come
  AtomicFile file_;
};

/// Writes tensors that are in memory or mapped. Throws as SafetensorsWriter.
void write_safetensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                       const Metadata& metadata = {}, Alignment alignment = Alignment::element);

/// The first bytes of a file of these tensors, in this order: length, header, padding to 8 or 64 bytes.
std::string safetensors_header(const std::vector<TensorSpec>& tensors, const Metadata& metadata,
                               Alignment alignment = Alignment::element);

/// Bytes of a tensor of that type and shape; nothing on overflow, a negative extent, or a broken byte.
std::optional<std::size_t> byte_size(DType dtype, const Shape& shape);

}  // namespace berta::io
