#include "corpus/shuffle.h"

#include <bit>
#include <utility>

#include "core/error.h"
#include "core/random.h"
#include "corpus/purposes.h"

namespace berta::corpus {
namespace {

constexpr int kRounds = 8;

/// The finalizer of SplitMix64: each bit of the result depends on all of `x`.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

/// A permutation of the numbers below 2^bits: each round mixes one half into the other, and they swap.
class Feistel {
 public:
  Feistel(int bits, std::uint64_t seed, std::uint64_t epoch)
      : left_bits_(bits / 2), right_bits_(bits - bits / 2), key_(seed_for(seed_for(seed, kShuffle), epoch)) {}

  std::uint64_t operator()(std::uint64_t number) const {
    std::uint64_t left = number >> right_bits_;
    std::uint64_t right = number & mask(right_bits_);
    int left_bits = left_bits_;
    int right_bits = right_bits_;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      const std::uint64_t drawn = mixed(mixed(key_ + round * 0x9E3779B97F4A7C15u) + right);
      const std::uint64_t next = left ^ (drawn & mask(left_bits));
      left = right;
      right = next;
      std::swap(left_bits, right_bits);
    }
    static_assert(kRounds % 2 == 0, "the halves are where they were");
    return left << right_bits_ | right;
  }

 private:
  static std::uint64_t mask(int bits) { return (std::uint64_t{1} << bits) - 1; }  // bits <= 32

  int left_bits_;
  int right_bits_;
  std::uint64_t key_;
};

}  // namespace

std::uint64_t shuffled_index(std::uint64_t position, std::uint64_t size, std::uint64_t seed,
                             std::uint64_t epoch) {
  check_internal(position < size, "a position behind the last sample");
  const Feistel permuted(static_cast<int>(std::bit_width(size - 1)), seed, epoch);
  std::uint64_t index = permuted(position);
  while (index >= size) index = permuted(index);
  return index;
}

}  // namespace berta::corpus
