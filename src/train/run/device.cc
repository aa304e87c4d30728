#include "train/run/device.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <string>

#include "core/error.h"
#include "train/workers/workers.h"

namespace berta::train {
namespace {

std::int64_t count_gpus() {
  return at::globalContext().hasCUDART() ? at::detail::getCUDAHooks().deviceCount() : 0;
}

at::Device gpu(const DeviceChoice& choice) {
  if (!at::globalContext().hasCUDART()) {
    throw UserError(
        "--device cuda: expected a libtorch with CUDA, found one without; install a torch wheel with CUDA "
        "and build the training module with it (BERTA_TORCH)");
  }
  const std::int64_t count = count_gpus();
  if (count == 0) throw UserError("--device cuda: expected a GPU and its driver, libtorch finds none");
  const bool said = choice.index >= 0;
  const int index = said ? choice.index : worker_place().local_rank;
  if (index >= count) {
    throw UserError((said ? "--device cuda:" : "environment: LOCAL_RANK: ") + std::to_string(index) +
                    ": expected one of the machine's GPUs, 0 to " + std::to_string(count - 1));
  }
  const at::Device device(at::kCUDA, static_cast<at::DeviceIndex>(index));
  // What this thread makes without a place goes there too, and no context is made on another one.
  c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
  // As on the CPU: floats are multiplied as they are (of cuDNN's convolutions that is not the default), and
  // bfloat16's products are summed in float.
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowBF16ReductionCuBLAS(false);
  return device;
}

}  // namespace

at::Device training_device(const DeviceChoice& choice) {
  switch (choice.kind) {
    case DeviceKind::automatic:
      return count_gpus() > 0 ? gpu(choice) : at::kCPU;
    case DeviceKind::cpu:
      return at::kCPU;
    case DeviceKind::cuda:
      return gpu(choice);
    case DeviceKind::registered:
      return {at::kPrivateUse1, 0};
  }
  throw InternalError("unknown device");
}

}  // namespace berta::train
