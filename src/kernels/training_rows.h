#pragma once

#include <cstddef>

#include "kernels/dropout.h"

namespace berta::kernels {

/// out = x with elements dropped and the kept ones scaled. Row r of the task is row first_row + r of the
/// dropout, so any split among threads gives the same mask. T is float or double; `out` may be `x`.
template <class T>
struct DropTask {
  const T* x;  ///< [rows, columns]
  T* out;
  std::size_t first_row;
  std::size_t rows;
  std::size_t columns;
  Dropout dropout;
};
void drop_rows(const DropTask<float>& task);
void drop_rows(const DropTask<double>& task);

/// sum = dropout(x) + residual;   out = (sum - mean) / sqrt(variance + epsilon) * weight + bias, for
/// training.
template <class T>
struct NormForward {
  const T* x;         ///< [rows, columns]
  const T* residual;  ///< or null
  T* sum;             ///< may be x; kept for backward
  T* out;
  T* statistics;    ///< [rows, 2]: mean and 1 / sqrt(variance + epsilon)
  const T* weight;  ///< [columns]
  const T* bias;
  std::size_t first_row;  ///< of the dropout
  std::size_t rows;
  std::size_t columns;
  T epsilon;
  Dropout dropout;
};
void norm_forward(const NormForward<float>& task);
void norm_forward(const NormForward<double>& task);

/// Gradients by x, residual, weight and bias.
template <class T>
struct NormBackward {
  const T* d_out;  ///< [rows, columns]
  const T* sum;
  const T* statistics;
  const T* weight;
  T* d_residual;  ///< gradient of the sum
  T* d_x;         ///< the same, dropped out; null: without dropout it is d_residual
  T* d_weight;    ///< [columns], added to
  T* d_bias;
  std::size_t first_row;
  std::size_t rows;
  std::size_t columns;
  Dropout dropout;
};
void norm_backward(const NormBackward<float>& task);
void norm_backward(const NormBackward<double>& task);

}  // namespace berta::kernels
