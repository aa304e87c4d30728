#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace berta::ops {

/// Where a product goes: [rows, columns of the matrix] with `stride` floats between rows.
struct Destination {
  float* data;
  std::int64_t stride;
};

/// A weight matrix in the blocked form that oneDNN's f32 matmul likes, made once at load. Const and shared by
/// threads; each call runs on the parallel layer of core/parallel.h (OpenMP, as oneDNN itself).
class PackedMatrix {
 public:
  PackedMatrix();
  /// `weight`: [out, in], row-major.
  PackedMatrix(std::span<const float> weight, std::int64_t out, std::int64_t in);
  ~PackedMatrix();
  PackedMatrix(PackedMatrix&&) noexcept;
  PackedMatrix& operator=(PackedMatrix&&) noexcept;

  std::int64_t out() const;
  std::int64_t in() const;

  /// y = x W^T + bias.   x [rows, in] contiguous, bias [out] or null.
  void multiply(const float* x, std::int64_t rows, const float* bias, Destination y) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// y = x W^T with a plain row-major `weight` [out, in] that is used once and so not worth packing.
void multiply_plain(const float* x, std::int64_t rows, std::span<const float> weight, std::int64_t in,
                    Destination y);

}  // namespace berta::ops
