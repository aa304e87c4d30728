#include "core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../chi_square.h"
#include "core/error.h"

namespace berta {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers of Random123 (kat_vectors, philox4x32 10).
TEST(Random, PhiloxGivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, AStreamIsItsState) {
  CounterStream whole(3, 4);
  EXPECT_EQ(whole.next_u32(), philox({0, 0, 4, 0}, {3, 0})[0]);
  for (int i = 0; i < 30; ++i) {
    CounterStream resumed(whole.state());
    EXPECT_EQ(whole.state().position, static_cast<std::uint64_t>(i + 1));
    const std::uint32_t next = whole.next_u32();
    EXPECT_EQ(resumed.next_u32(), next);
    EXPECT_EQ(resumed.state(), whole.state());
  }
  CounterStream halves(1, 2), words(1, 2);
  const std::uint64_t low = halves.next_u32();
  EXPECT_EQ(words.next_u64(), low | static_cast<std::uint64_t>(halves.next_u32()) << 32);
}

TEST(Random, StreamsSeedsAndPurposesDiffer) {
  EXPECT_NE(CounterStream(1, 2).next_u64(), CounterStream(2, 1).next_u64());
  EXPECT_NE(CounterStream(1, 2).next_u64(), CounterStream(1, 2 + (std::uint64_t{1} << 32)).next_u64());
  EXPECT_NE(seed_for(1, 1), seed_for(1, 2));
  EXPECT_EQ(seed_for(1, 1), seed_for(1, 1));
}

TEST(Random, BelowIsEven) {
  EXPECT_THROW(CounterStream(1, 1).below(0), InternalError);
  for (const std::uint64_t count : {1u, 2u, 3u, 7u, 1000u}) {
    CounterStream random(5, count);
    std::vector<double> counts(count), expected(count, 400);
    for (std::uint64_t i = 0; i < 400 * count; ++i) ++counts[random.below(count)];
    const double p = count > 1 ? test::p_of_counts(counts, expected) : 1;
    EXPECT_GT(p, 0.01) << count;
  }
  // Numbers so large that the uneven part is a third of all, of 32 and of 64 bits.
  for (const int bits : {32, 64}) {
    const std::uint64_t count = (std::uint64_t{3} << (bits - 2)) - 1;
    CounterStream random(6, count);
    std::vector<double> counts(3), expected(3, 10000);
    for (int i = 0; i < 30000; ++i) {
      const std::uint64_t drawn = random.below(count);
      ASSERT_LT(drawn, count);
      ++counts[std::min<std::uint64_t>(drawn >> (bits - 2), 2)];
    }
    EXPECT_GT(test::p_of_counts(counts, expected), 0.01) << bits;
  }
}

TEST(Random, UniformFillsTheInterval) {
  CounterStream random(1, 1);
  std::vector<double> counts(100), expected(100, 1000);
  for (int i = 0; i < 100000; ++i) {
    const double drawn = random.uniform();
    ASSERT_TRUE(drawn >= 0 && drawn < 1);
    ++counts[static_cast<std::size_t>(drawn * 100)];
  }
  EXPECT_GT(test::p_of_counts(counts, expected), 0.01);
}

TEST(Random, NormalHasItsDistribution) {
  constexpr int kDraws = 200000, kClasses = 50;
  CounterStream random(1, 1);
  std::vector<double> counts(kClasses), expected(kClasses, double{kDraws} / kClasses);
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    const double below = 0.5 * std::erfc(-x / std::sqrt(2.0));
    ++counts[static_cast<std::size_t>(std::min(below * kClasses, kClasses - 1.0))];
  }
  EXPECT_GT(test::p_of_counts(counts, expected), 0.01);
  EXPECT_NEAR(sum / kDraws, 0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1, 0.015);
  EXPECT_NEAR(fourth / kDraws, 3, 0.12);
}

TEST(Random, TheTestsOwnChiSquareIsRight) {
  EXPECT_NEAR(test::chi_square_p(3.841459, 1), 0.05, 1e-6);
  EXPECT_NEAR(test::chi_square_p(18.307038, 10), 0.05, 1e-6);
  EXPECT_NEAR(test::chi_square_p(4.865182, 10), 0.9, 1e-6);
  EXPECT_NEAR(test::chi_square_p(135.806723, 100), 0.01, 1e-6);
}

}  // namespace
}  // namespace berta
