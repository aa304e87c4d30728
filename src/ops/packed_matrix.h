#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/gemm.h"

namespace berta::ops {

/// Rows of words that a product takes as its left factor.
struct Factor {
  const std::uint32_t* words;
  std::size_t stride;
  const float* scales;  ///< [rows], int8 only
  std::size_t rows;
};

/// Shape and number format of a weight matrix.
struct MatrixShape {
  std::size_t out;
  std::size_t in;
  kernels::Format format;
};

/// The panels of a weight matrix as they lie in memory or in a prepared file.
struct Panels {
  std::span<const std::uint32_t> words;  ///< [panels, words_of(in), kPanel]
  std::span<const float> scales;         ///< [panels, kPanel], int8 only
  std::span<const std::int32_t> sums;    ///< [panels, kPanel], int8 only
};

/// A weight matrix in the panels of kernels/gemm.h, made once at load. Const and shared by threads.
class PackedMatrix {
 public:
  /// Gives the rows of a weight from `first` on: out.size() / in of them.
  using ReadRows = std::function<void(std::size_t first, std::span<float> out)>;

  PackedMatrix() = default;
  /// Reads and packs on all threads; the weight is never in memory whole.
  PackedMatrix(const ReadRows& read, const MatrixShape& shape);
  /// Words that somebody else owns, aligned to a cache line; scales and sums are copied. Throws InternalError
  /// for sizes that are not those of the shape.
  PackedMatrix(const Panels& panels, const MatrixShape& shape);

  Panels panels() const { return {words_, scales_, sums_}; }

  std::size_t out() const { return shape_.out; }
  std::size_t in() const { return shape_.in; }
  kernels::Format format() const { return shape_.format; }

  /// y = finish(x W^T + bias) on all threads.   bias: [out] and readable for kPanel more, or null;
  /// y: [rows, y_stride], of which `out` columns are written.
  void multiply(const Factor& x, const float* bias, kernels::Finish finish, float* y,
                std::size_t y_stride) const;

 private:
  MatrixShape shape_{0, 0, kernels::Format::f32};
  AlignedBuffer<std::uint32_t> owned_;  // empty for words of a file
  std::span<const std::uint32_t> words_;
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
};

}  // namespace berta::ops
