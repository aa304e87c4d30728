#pragma once

#include "train/torch.h"

namespace berta::train {

/// a [m, k] times b [k, n], as at::mm, without gradient; transposed views are taken as they are. On the CPU
/// floats go through libtorch's oneDNN, which is a tenth faster than the MKL of at::mm on AVX-512 machines of
/// AMD (build/bench/train_products).
at::Tensor product(const at::Tensor& a, const at::Tensor& b);

}  // namespace berta::train
