#pragma once

#include "train/torch.h"

namespace berta::train {

// What lies around the products of linear layers, over matrices [rows, columns] and without gradient: one
// pass of our kernels for floats on the CPU, ATen's operations for everything else. The bits do not depend on
// the number of threads.

/// x + bias of bfloat16 x in `type`; bias may be undefined.
at::Tensor widened(const at::Tensor& x, const at::Tensor& bias, at::ScalarType type);

/// A gradient in bfloat16 and its sum over rows.
struct Narrowed {
  at::Tensor rows;
  at::Tensor sums;  ///< [columns] in the gradient's own type, undefined if not asked for
};
Narrowed narrowed(const at::Tensor& x, bool with_sums);

/// The sum of x over rows.
at::Tensor summed_rows(const at::Tensor& x);

/// gelu(x + bias) in the type of x, computed in that of bias.
at::Tensor biased_gelu(const at::Tensor& x, const at::Tensor& bias);

/// Of biased_gelu, the gradient by x, in its type, and by bias.
struct GeluGradient {
  at::Tensor x;
  at::Tensor bias;
};
GeluGradient biased_gelu_gradient(const at::Tensor& d_out, const at::Tensor& x, const at::Tensor& bias);

}  // namespace berta::train
