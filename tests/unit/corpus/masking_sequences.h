#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "corpus/ngram_masker.h"

// The vocabulary and the sequences of tools/goldens/make_masking_goldens.py.

namespace berta::corpus::testing {

constexpr std::int32_t kPad = 0, kCls = 1, kSep = 2, kUnk = 3, kSpecials = 4, kPieces = 1000, kMaskId = 1000;
constexpr std::uint32_t kLength = 128;

inline bool is_special(std::int32_t id) {
  return id < kSpecials || id == kMaskId;
}
inline bool continues(std::int32_t id) {
  return !is_special(id) && id % 3 == 0;
}

inline PieceFacts golden_facts() {
  std::vector<bool> special, joined;
  for (std::int32_t id = 0; id <= kPieces; ++id) {
    special.push_back(is_special(id));
    joined.push_back(continues(id));
  }
  return {special, joined, kMaskId};
}

inline std::uint32_t mixed(std::uint32_t number) {
  std::uint32_t x = (number + 1) * 2654435761u;
  x = (x ^ x >> 15) * 2246822519u;
  return x ^ x >> 13;
}

inline std::vector<std::int32_t> golden_sequence(std::uint32_t index) {
  std::vector<std::int32_t> ids{kCls};
  for (std::uint32_t place = 0; place < kLength - 2; ++place) {
    const std::uint32_t drawn = mixed(index * (kLength - 2) + place);
    ids.push_back(drawn % 97 == 0 ? kUnk : kSpecials + static_cast<std::int32_t>(drawn % (kPieces - 4)));
  }
  ids.push_back(kSep);
  return ids;
}

}  // namespace berta::corpus::testing
