#include "core/aligned_buffer.h"

#include <sys/mman.h>

#include "core/checked.h"

namespace berta {

void* allocate_aligned(std::size_t bytes) {
  constexpr std::size_t kCacheLine = 64;
  // Weights of 344 MB would be 84,000 page faults at load, and as many misses of the address cache in each
  // run.
  constexpr std::size_t kHugePage = std::size_t{1} << 21;
  const std::size_t alignment = bytes < kHugePage ? kCacheLine : kHugePage;
  const auto rounded = checked_add(bytes, alignment - 1);
  if (!rounded) throw std::bad_alloc();
  void* data = std::aligned_alloc(alignment, *rounded / alignment * alignment);
  if (data == nullptr) throw std::bad_alloc();
  // Whole huge pages only, so that no more is resident than is used. Advice: where it is not taken, small
  // pages do.
  if (alignment == kHugePage) ::madvise(data, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  return data;
}

}  // namespace berta
