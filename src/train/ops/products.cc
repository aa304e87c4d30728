#include "train/ops/products.h"

namespace at::native {
// libtorch exports it (aten/src/ATen/native/mkldnn/Matmul.h) but installs no header. Weak: a libtorch that
// has it no more, or was built without oneDNN, leaves a null pointer.
// NOLINTNEXTLINE(readability-identifier-naming)
void mkldnn_matmul(const Tensor& mat1, const Tensor& mat2, const Tensor& result, float beta, float alpha)
    __attribute__((weak));
}  // namespace at::native

namespace berta::train {
namespace {

bool has_onednn(const at::Tensor& a) {
  return &at::native::mkldnn_matmul != nullptr && at::globalContext().userEnabledMkldnn() &&
         a.device().is_cpu() && a.scalar_type() == at::kFloat;
}

}  // namespace

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  if (!has_onednn(a) || a.numel() == 0 || b.numel() == 0) return at::mm(a, b);
  at::Tensor result = at::empty({a.size(0), b.size(1)}, a.options());
  at::native::mkldnn_matmul(a, b, result, /*beta=*/0, /*alpha=*/1);
  return result;
}

}  // namespace berta::train
