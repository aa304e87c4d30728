#include "apart_device.h"

#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/native/Resize.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/resize_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace berta::train::testing {
namespace {

/// Added to an address; what comes out is none that a process can have.
constexpr std::uintptr_t kFar = std::uintptr_t{1} << 61;

void* far_from(void* host) {
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(host) + kFar);
}
void* host_of(const void* apart) {
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(apart) - kFar);
}

class Memory final : public at::Allocator {
 public:
  at::DataPtr allocate(std::size_t size) override {
    void* const host = size == 0 ? nullptr : std::aligned_alloc(64, (size + 63) / 64 * 64);
    return {size == 0 ? nullptr : far_from(host), host, &std::free, kApart};
  }
  void copy_data(void* to, const void* from, std::size_t count) const override {
    std::memcpy(host_of(to), host_of(from), count);
  }
};

Memory& memory() {
  static Memory one;
  return one;
}

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return at::kPrivateUse1; }
  c10::Device exchangeDevice(c10::Device) const override { return kApart; }
  c10::Device getDevice() const override { return kApart; }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const override { return c10::Stream(c10::Stream::DEFAULT, kApart); }
  c10::Stream exchangeStream(c10::Stream stream) const override { return stream; }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
};

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  void resizePrivateUse1Bytes(const c10::Storage& storage, std::size_t size) const override {
    at::DataPtr fresh = memory().allocate(size);
    if (const std::size_t kept = std::min(size, storage.nbytes()); kept > 0)
      memory().copy_data(fresh.get(), storage.data(), kept);
    storage.unsafeGetStorageImpl()->set_data_ptr_noswap(std::move(fresh));
    storage.unsafeGetStorageImpl()->set_nbytes(size);
  }
};

/// The same memory as a tensor of the CPU.
at::Tensor host_view(const at::Tensor& x) {
  if (x.is_cpu()) return x;
  const at::TensorOptions options = at::TensorOptions(x.scalar_type());
  if (x.numel() == 0) return at::empty_strided(x.sizes(), x.strides(), options);
  return at::from_blob(host_of(x.const_data_ptr()), x.sizes(), x.strides(), options);
}

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &memory(), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> type,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &memory(),
                                           c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                           c10::dtype_or_default(type));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
  host_view(to).copy_(host_view(from));
  return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  at::native::resize_(to, from.sizes());
  return copy_from(from, to, false);
}

at::Scalar local_scalar(const at::Tensor& x) {
  return host_view(x).item();
}

std::atomic<std::size_t>& count() {
  static std::atomic<std::size_t> operations{0};
  return operations;
}

/// As CUDA does: numbers may come from the host, rows of them not.
void refuse_others(const c10::OperatorHandle& operation, const at::Tensor& x) {
  TORCH_CHECK(!x.defined() || x.device() == kApart || x.dim() == 0, operation.schema().name(),
              ": expected all tensors on ", kApart, ", found one on ", x.device());
}

void on_the_cpu(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  const auto arguments = torch::jit::last(*stack, operation.schema().arguments().size());
  for (const c10::IValue& argument : arguments) {
    if (argument.isTensor()) refuse_others(operation, argument.toTensor());
    if (argument.isTensorList()) {
      for (const at::Tensor& x : argument.toTensorVector()) refuse_others(operation, x);
    }
  }
  ++count();
  at::native::cpu_fallback(operation, stack, /*error_on_views=*/true);
}

const bool kRegistered = [] {
  c10::register_privateuse1_backend("apart");
  c10::SetAllocator(at::kPrivateUse1, &memory());
  static Hooks hooks;
  at::RegisterPrivateUse1HooksInterface(&hooks);
  static const Guard kGuard;
  static const c10::impl::DeviceGuardImplRegistrar kRegistrar(at::kPrivateUse1, &kGuard);
  return true;
}();

}  // namespace

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_the_cpu>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", empty_strided);
  library.impl("as_strided", at::native::as_strided_tensorimpl);
  library.impl("view", static_cast<at::Tensor (*)(const at::Tensor&, at::IntArrayRef)>(at::native::view));
  library.impl("_reshape_alias", at::native::_reshape_alias);
  library.impl("resize_", at::native::resize_);
  library.impl("_copy_from", copy_from);
  library.impl("_copy_from_and_resize", copy_from_and_resize);
  library.impl("_local_scalar_dense", local_scalar);
}

std::size_t operations_apart() {
  return count();
}

}  // namespace berta::train::testing
