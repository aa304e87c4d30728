#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/dtype.h"

namespace berta {

using Shape = std::vector<std::int64_t>;

/// A dense little-endian C-order tensor that somebody else owns (usually a mapped file).
/// `data` need not be aligned to the element size.
struct TensorView {
  DType dtype = DType::f32;
  Shape shape;
  const std::byte* data = nullptr;

  /// Number of elements; 1 for a scalar (empty shape).
  std::int64_t size() const;
};

/// "[768, 3072]".
std::string to_string(const Shape& shape);

/// Converts elements [first, first + out.size()) of a floating view to `out`. Reads unaligned data.
/// Throws InternalError if the range is outside the view or the type is not floating.
void convert(const TensorView& view, std::int64_t first, std::span<float> out);
void convert(const TensorView& view, std::int64_t first, std::span<double> out);

}  // namespace berta
