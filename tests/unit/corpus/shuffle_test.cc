#include "corpus/shuffle.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

#include "../chi_square.h"
#include "core/error.h"

namespace berta::corpus {
namespace {

bool is_permutation_of(std::uint64_t size, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<bool> seen(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    const std::uint64_t index = shuffled_index(i, size, seed, epoch);
    if (index >= size || seen[index]) return false;
    seen[index] = true;
  }
  return true;
}

TEST(Shuffle, IsAPermutation) {
  for (std::uint64_t size = 1; size <= 300; ++size) EXPECT_TRUE(is_permutation_of(size, 1, size)) << size;
  EXPECT_TRUE(is_permutation_of(65536, 2, 0));
  EXPECT_TRUE(is_permutation_of(65537, 2, 0));
  EXPECT_TRUE(rc::check([](std::uint64_t seed, std::uint64_t epoch) {
    return is_permutation_of(*rc::gen::inRange<std::uint64_t>(1, 5000), seed, epoch);
  }));
  EXPECT_THROW(shuffled_index(0, 0, 1, 1), InternalError);
  EXPECT_THROW(shuffled_index(3, 3, 1, 1), InternalError);
}

TEST(Shuffle, OfHugeSizesStaysInRange) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const std::uint64_t size = *rc::gen::inRange<std::uint64_t>(1, std::uint64_t{1} << 62);
    return shuffled_index(size / 2, size, seed, 0) < size;
  }));
  EXPECT_LT(shuffled_index(5, ~std::uint64_t{0}, 1, 1), ~std::uint64_t{0});
}

TEST(Shuffle, EveryPlaceIsAsLikely) {
  for (const std::uint64_t size : {2u, 3u, 5u, 24u, 100u}) {
    for (const std::uint64_t position : {std::uint64_t{0}, size - 1}) {
      std::vector<double> counts(size), expected(size, 500);
      for (std::uint64_t seed = 0; seed < 500 * size; ++seed)
        ++counts[shuffled_index(position, size, seed, 7)];
      EXPECT_GT(test::p_of_counts(counts, expected), 0.01) << size << " " << position;
    }
  }
}

// Neighbours do not stay together: the differences of successive indexes are spread evenly.
TEST(Shuffle, NeighboursPart) {
  constexpr std::uint64_t kSize = 100000, kClasses = 50;
  std::vector<double> counts(kClasses), expected(kClasses, double{kSize} / kClasses);
  for (std::uint64_t i = 0; i < kSize; ++i) {
    const std::uint64_t difference =
        kSize + shuffled_index((i + 1) % kSize, kSize, 1, 0) - shuffled_index(i, kSize, 1, 0);
    ++counts[difference % kSize * kClasses / kSize];
  }
  EXPECT_GT(test::p_of_counts(counts, expected), 0.01);
}

TEST(Shuffle, EpochsDiffer) {
  int same = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    same += shuffled_index(i, 1000, 1, 0) == shuffled_index(i, 1000, 1, 1);
    EXPECT_EQ(shuffled_index(i, 1000, 1, 0), shuffled_index(i, 1000, 1, 0));
  }
  EXPECT_LT(same, 10);
}

}  // namespace
}  // namespace berta::corpus
