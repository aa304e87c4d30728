#include "train/memory.h"

#include <malloc.h>

namespace berta::train {

void keep_freed_memory() {
#ifdef __GLIBC__
  // Above every tensor of a step, and below what a model's tables take.
  constexpr int kLargest = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
}

}  // namespace berta::train
