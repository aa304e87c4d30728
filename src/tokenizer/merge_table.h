#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace berta::tokenizer {

/// What a pair of tokens merges into: (left, right) -> (rank, id). Open addressing, one cache line a look-up.
class MergeTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  struct Merge {
    std::uint32_t rank = kNone;  ///< kNone: the two do not merge
    std::int32_t id = -1;
  };

  /// Room for `merges` entries, made once before set().
  explicit MergeTable(std::size_t merges);

  /// The last of two settings of one pair holds.
  void set(std::int32_t left, std::int32_t right, Merge merge);

  Merge find(std::int32_t left, std::int32_t right) const {
    const std::uint64_t wanted = key(left, right);
    for (std::size_t slot = spread(wanted) & mask_;; slot = (slot + 1) & mask_) {
      if (slots_[slot].key == wanted) return slots_[slot].merge;
      if (slots_[slot].key == kFree) return {};
    }
  }

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};  // no key: ids are not negative
  struct Slot {
    std::uint64_t key = kFree;
    Merge merge;
  };
  static std::uint64_t key(std::int32_t left, std::int32_t right) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
           static_cast<std::uint32_t>(right);
  }
  static std::size_t spread(std::uint64_t key) {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15u) >> 32);
  }

  std::vector<Slot> slots_;
  std::size_t mask_;
};

}  // namespace berta::tokenizer
