#include "tokenizer/merge_table.h"

#include <bit>

namespace berta::tokenizer {

MergeTable::MergeTable(std::size_t merges)
    : slots_(std::bit_ceil(merges * 2 + 2)), mask_(slots_.size() - 1) {}

void MergeTable::set(std::int32_t left, std::int32_t right, Merge merge) {
  const std::uint64_t wanted = key(left, right);
  std::size_t slot = spread(wanted) & mask_;
  while (slots_[slot].key != kFree && slots_[slot].key != wanted) slot = (slot + 1) & mask_;
  slots_[slot] = {wanted, merge};
}

}  // namespace berta::tokenizer
