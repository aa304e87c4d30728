#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/error.h"
#include "kernels/dropout.h"
#include "model/relative.h"
#include "model/rows.h"
#include "train/torch.h"

namespace berta::train {

/// Calls body(float()) or body(double()), whichever the tensor holds: the types of our kernels.
template <class Body>
void for_type(const at::Tensor& x, const Body& body) {
  if (x.scalar_type() == at::kFloat) return body(float());
  check_internal(x.scalar_type() == at::kDouble, "a kernel takes float or double");
  body(double());
}

// Operations with gradients of their own. The fused ones stand on our kernels and take tensors on the CPU,
// float or double; the plain ones say the same in ATen's operations, for any device.

/// The inputs of disentangled attention.
struct AttentionTensors {
  at::Tensor query;           ///< [query_rows, heads * head_size]
  at::Tensor key;             ///< [key_rows, heads * head_size]
  at::Tensor value;           ///< [key_rows, heads * head_size]
  at::Tensor position_key;    ///< Kr [table rows, heads * head_size], or undefined
  at::Tensor position_query;  ///< Qr
};

/// What it needs beside them.
struct AttentionShape {
  model::RelativeRows relative;
  model::Rows query_rows;
  model::Rows key_rows;
  std::int64_t heads = 0;
  double scale = 1;
  kernels::Dropout dropout;
};

/// dropout(softmax(S)) V with the scores of `model::attend`, [query_rows, heads * head_size]. Memory is
/// linear in the length of the sequences.
at::Tensor fused_attention(const AttentionTensors& in, const std::shared_ptr<const AttentionShape>& shape);
/// A matrix of all scores for each sequence.
at::Tensor plain_attention(const AttentionTensors& in, const AttentionShape& shape);

/// A layer norm's parameters.
struct NormTensors {
  at::Tensor weight, bias;
  double epsilon;
};

/// LN(dropout(x) + residual); residual may be undefined. x is overwritten: nobody else may need it.
at::Tensor fused_norm(const at::Tensor& x, const at::Tensor& residual, const NormTensors& norm,
                      const kernels::Dropout& dropout);
at::Tensor plain_norm(const at::Tensor& x, const at::Tensor& residual, const NormTensors& norm,
                      const kernels::Dropout& dropout);

/// x with elements dropped by row and column.
at::Tensor fused_drop(const at::Tensor& x, const kernels::Dropout& dropout);
at::Tensor plain_drop(const at::Tensor& x, const kernels::Dropout& dropout);

/// Rows of a larger matrix.
struct MaskShape {
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};
/// Multipliers of a dropout, [rows, columns]: 0 or 1 / (1 - rate), of the kernels' own bits; made on the
/// device of `options`.
at::Tensor dropout_mask(const MaskShape& shape, const kernels::Dropout& dropout,
                        const at::TensorOptions& options);

/// x W^T + b in the type of x; bias may be undefined.
at::Tensor wide_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// x W^T + b in bfloat16, sums in float, the result in the type of weight: x_narrow and w_narrow are x and
/// weight in bfloat16, and x may be x_narrow. Gradients go to x, weight and bias (may be undefined).
at::Tensor narrow_linear(const at::Tensor& x, const at::Tensor& x_narrow, const at::Tensor& weight,
                         const at::Tensor& w_narrow, const at::Tensor& bias);

/// x W^T as narrow_linear takes it, but in bfloat16, and so is its gradient.
at::Tensor inner_product(const at::Tensor& x, const at::Tensor& x_narrow, const at::Tensor& weight,
                         const at::Tensor& w_narrow);
/// gelu(x + bias) in the type of x, computed in that of bias.
at::Tensor fused_gelu(const at::Tensor& x, const at::Tensor& bias);

/// A part of the network, of x and two more tensors that may be undefined.
using NetworkPart = std::function<at::Tensor(const at::Tensor& x, const at::Tensor& a, const at::Tensor& b)>;

/// part(x, a, b), of which only the inputs are kept: backward runs the part again (gradient checkpointing,
/// Chen et al. 2016). `part` must give the same result twice.
at::Tensor run_again(const at::Tensor& x, const at::Tensor& a, const at::Tensor& b, NetworkPart part);

}  // namespace berta::train
