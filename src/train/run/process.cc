#include "train/run/process.h"

#include <malloc.h>

#include "core/parallel.h"
#include "train/torch.h"

namespace berta::train {
namespace {

/// Lets the C library keep large freed blocks for the next step, which asks for the same sizes again: giving
/// each back to the system costs as many page faults as the tensor has pages.
void keep_freed_memory() {
#ifdef __GLIBC__
  // Above every tensor of a step, and below what a model's tables take.
  constexpr int kLargest = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
}

}  // namespace

void set_up_process(int count) {
  set_threads(count);
  at::set_num_threads(threads());
  keep_freed_memory();
}

}  // namespace berta::train
