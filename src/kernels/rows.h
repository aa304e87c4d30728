#pragma once

#include <cstddef>

namespace berta::kernels {

/// Layer norm of `rows` contiguous rows, in place: (x - mean) / sqrt(variance + epsilon) * weight + bias,
/// biased variance.
struct NormTask {
  float* x;               // [rows, columns]
  const float* residual;  // added to x first; null: nothing
  const float* weight;    // [columns]
  const float* bias;      // [columns]
  std::size_t rows;
  std::size_t columns;
  float epsilon;
};
void layer_norm(const NormTask& task);

/// x = x / 2 (1 + erf(x / sqrt 2)) of `count` floats, in place; absolute error below 1e-6 for |x| <= 10.
void gelu(float* x, std::size_t count);

}  // namespace berta::kernels
