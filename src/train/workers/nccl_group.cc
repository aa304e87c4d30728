#ifdef BERTA_HAS_NCCL  // without it nothing calls this
#include "train/workers/nccl_group.h"

#include <chrono>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

namespace berta::train {

c10::intrusive_ptr<c10d::Backend> nccl_group(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                             int size) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  // Its own watchdog would end the process without a word; who is lost the workers' watch finds.
  options->timeout = std::chrono::hours(24 * 30);
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(c10::make_intrusive<c10d::PrefixStore>("nccl", store),
                                                     rank, size, options);
}

}  // namespace berta::train
#endif
