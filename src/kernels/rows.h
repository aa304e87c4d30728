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

}  // namespace berta::kernels
