#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/aligned_buffer.h"

namespace berta::ops {

/// Keeps the buffers of one session between operations: fresh large allocations would cost a page fault each
/// 4 KB. For one thread at a time.
class BufferPool {
 public:
  using Buffer = AlignedBuffer<float>;

  /// A buffer of at least `size` floats, contents undefined.
  Buffer take(std::size_t size) {
    std::size_t best = free_.size();
    for (std::size_t i = 0; i < free_.size(); ++i) {
      if (free_[i].size() >= size && (best == free_.size() || free_[i].size() < free_[best].size())) best = i;
    }
    // One much too large would be missing where it is needed.
    if (best == free_.size() || free_[best].size() > 2 * size + kSmall) return Buffer(size);
    std::swap(free_[best], free_.back());
    Buffer buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }

  void give(Buffer buffer) {
    // A session juggles about eight tensors at once; more are leftovers of other lengths, the oldest first.
    if (free_.size() >= kMaxFree) free_.erase(free_.begin());
    free_.push_back(std::move(buffer));
  }

 private:
  static constexpr std::size_t kSmall = 4096;
  static constexpr std::size_t kMaxFree = 12;
  std::vector<Buffer> free_;
};

}  // namespace berta::ops
