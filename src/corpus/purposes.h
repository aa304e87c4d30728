#pragma once

#include <cstdint>

namespace berta::corpus {

/// What a seed is used for, for seed_for(): one seed of the user may serve all of them.
enum Purpose : std::uint64_t { kShuffle = 1, kMask = 2, kHeldOut = 3, kTokenizerSample = 4, kTokenDrop = 5 };

}  // namespace berta::corpus
