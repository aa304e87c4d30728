#pragma once

#include <cstdint>

namespace berta::corpus {

/// Which of `size` samples comes at `position` of an epoch: a permutation of 0 ... size - 1 that is evaluated
/// at one place, in constant time and without a table. Another seed or epoch is another permutation. A
/// Feistel network permutes the numbers of as many bits as `size` has; walking its cycle until a number below
/// `size` comes makes it one of `size` numbers (Black and Rogaway, "Ciphers with arbitrary finite domains",
/// 2002), which takes less than two steps on average. Throws InternalError unless position < size.
std::uint64_t shuffled_index(std::uint64_t position, std::uint64_t size, std::uint64_t seed,
                             std::uint64_t epoch);

}  // namespace berta::corpus
