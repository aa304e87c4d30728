#pragma once

#include <cstddef>
#include <cstdint>
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

/// A weight matrix in the panels of kernels/gemm.h, made once at load. Const and shared by threads.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// `weight`: [out, in], row-major. Packs on all threads.
  PackedMatrix(std::span<const float> weight, std::size_t out, std::size_t in, kernels::Format format);

  std::size_t out() const { return out_; }
  std::size_t in() const { return in_; }
  kernels::Format format() const { return format_; }

  /// y = finish(x W^T + bias) on all threads.   bias: [out] and readable for kPanel more, or null;
  /// y: [rows, y_stride], of which `out` columns are written.
  void multiply(const Factor& x, const float* bias, kernels::Finish finish, float* y,
                std::size_t y_stride) const;

 private:
  kernels::Format format_ = kernels::Format::f32;
  std::size_t out_ = 0;
  std::size_t in_ = 0;
  AlignedBuffer<std::uint32_t> words_;
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
};

}  // namespace berta::ops
