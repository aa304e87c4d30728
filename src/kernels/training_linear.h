#pragma once

#include <cstddef>
#include <cstdint>

namespace berta::kernels {

// What lies around the products of a linear layer in training, in one pass over the rows each. T is float, or
// std::uint16_t for the bits of bfloat16, of which all arithmetic is in float and results are rounded to
// nearest even. Sums over rows are added to what is there, row by row, so a split of the rows decides their
// bits.

/// out = x + bias of bfloat16 x.
struct WidenTask {
  const std::uint16_t* x;  ///< [rows, columns]
  const float* bias;       ///< [columns], or null
  float* out;
  std::size_t rows;
  std::size_t columns;
};
void widen_rows(const WidenTask& task);

/// out = x in bfloat16;   sums += the sum of x over rows.
struct NarrowTask {
  const float* x;      ///< [rows, columns]
  std::uint16_t* out;  ///< or null
  float* sums;         ///< [columns], or null
  std::size_t rows;
  std::size_t columns;
};
void narrow_rows(const NarrowTask& task);

/// out = gelu(x + bias), gelu(u) = u Phi(u) with the normal distribution Phi.
template <class T>
struct GeluForward {
  const T* x;  ///< [rows, columns]
  const float* bias;
  T* out;
  std::size_t rows;
  std::size_t columns;
};
void gelu_forward(const GeluForward<float>& task);
void gelu_forward(const GeluForward<std::uint16_t>& task);

/// With u = x + bias:   d_x = d_out gelu'(u), gelu'(u) = Phi(u) + u phi(u);   d_bias += the sum of d_x over
/// rows, before it is rounded.
template <class T>
struct GeluBackward {
  const T* d_out;  ///< [rows, columns]
  const T* x;
  const float* bias;
  T* d_x;         ///< may be d_out
  float* d_bias;  ///< [columns]
  std::size_t rows;
  std::size_t columns;
};
void gelu_backward(const GeluBackward<float>& task);
void gelu_backward(const GeluBackward<std::uint16_t>& task);

}  // namespace berta::kernels
