#include "corpus/token_dropper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "../chi_square.h"
#include "../io/temporary.h"

namespace berta::corpus {
namespace {

using io::error_of;
using Ids = std::vector<std::int32_t>;

constexpr std::int32_t kCls = 1, kSep = 2, kWord = 9;

/// [CLS], `inner` words, [SEP]; gaps at these positions.
MaskedSequence sequence(std::size_t inner, std::vector<std::uint32_t> gaps = {}) {
  MaskedSequence out;
  out.ids.assign(inner + 2, kWord);
  out.ids.front() = kCls, out.ids.back() = kSep;
  out.positions = std::move(gaps);
  out.originals.assign(out.positions.size(), kWord);
  return out;
}

TokenDropper dropper(double rate, std::uint64_t seed = 5) {
  return TokenDropper({.rate = rate, .cls = kCls, .sep = kSep, .seed = seed});
}

bool holds(const Ids& kept, std::int32_t position) {
  return std::find(kept.begin(), kept.end(), position) != kept.end();
}

TEST(TokenDropper, LeavesOutItsPartInOrder) {
  for (const double rate : {0.1, 0.25, 0.5, 0.99}) {
    for (const std::size_t inner : {1, 2, 3, 4, 126}) {
      const Ids kept = dropper(rate).kept(sequence(inner), 3);
      EXPECT_EQ(kept.size(), inner + 2 - static_cast<std::size_t>(rate * static_cast<double>(inner)));
      EXPECT_EQ(kept.size(), dropper(rate).kept_length(inner + 2));
      EXPECT_EQ(std::adjacent_find(kept.begin(), kept.end(), std::greater_equal<>()), kept.end());
      EXPECT_EQ(kept.front(), 0);
      EXPECT_EQ(kept.back(), static_cast<std::int32_t>(inner) + 1);
    }
  }
}

TEST(TokenDropper, WithoutARateAllStay) {
  Ids all(12);
  std::iota(all.begin(), all.end(), 0);
  for (std::uint64_t i = 0; i < 20; ++i) EXPECT_EQ(dropper(0).kept(sequence(10, {3, 4}), i), all);
}

TEST(TokenDropper, IsAFunctionOfSeedAndIndex) {
  const TokenDropper first = dropper(0.5), second = dropper(0.5), other = dropper(0.5, 6);
  std::set<Ids> seen;
  for (const std::uint64_t i : {9, 1, 100, 0}) {
    const Ids kept = first.kept(sequence(40), i);
    EXPECT_EQ(kept, second.kept(sequence(40), i));
    EXPECT_NE(kept, other.kept(sequence(40), i));
    seen.insert(kept);
  }
  EXPECT_EQ(seen.size(), 4U);
}

TEST(TokenDropper, DrawsEachChoiceAlike) {
  std::map<Ids, double> counts;
  constexpr double kTrials = 30000;
  for (std::uint64_t i = 0; i < 30000; ++i) ++counts[dropper(0.4).kept(sequence(6, {2, 3, 5}), i)];
  ASSERT_EQ(counts.size(), 15U);  // two of six
  std::vector<double> found;
  for (const auto& [kept, count] : counts) found.push_back(count);
  EXPECT_GT(test::p_of_counts(found, std::vector<double>(15, kTrials / 15)), 0.01);
}

TEST(TokenDropper, ClsAndSepStayWhereverTheyAre) {
  MaskedSequence joined = sequence(9);
  joined.ids[4] = kSep;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Ids kept = dropper(0.9).kept(joined, i);
    EXPECT_EQ(kept.size(), 11U - 7U);  // of eight
    EXPECT_TRUE(holds(kept, 4));
  }
}

// A gap may hold any id; it is no end for that.
TEST(TokenDropper, ARandomIdInAGapMayGo) {
  MaskedSequence random = sequence(4, {1, 2, 3, 4});
  random.ids[2] = kCls;
  int stayed = 0;
  for (std::uint64_t i = 0; i < 200; ++i) stayed += holds(dropper(0.75).kept(random, i), 2);
  EXPECT_NEAR(stayed, 50, 25);
}

TEST(TokenDropper, OfTheGapsOneStays) {
  std::map<std::int32_t, int> only;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const Ids kept = dropper(0.9).kept(sequence(20, {7, 12}), i);
    const bool seven = holds(kept, 7), twelve = holds(kept, 12);
    ASSERT_TRUE(seven || twelve);
    ASSERT_LE(kept.size(), 2U + 2U + 1U);
    only[seven ? 7 : 12] += seven != twelve;
  }
  EXPECT_GT(only[12], only[7]) << "the later one stays where both were drawn";
  EXPECT_GT(only[7], 0);
}

TEST(TokenDropper, RefusesWhatIsNoRate) {
  for (const double rate : {-0.1, 1.0, 2.0}) {
    EXPECT_THAT(error_of([&] { dropper(rate); }),
                ::testing::HasSubstr("expected a rate of 0 to less than 1"));
  }
}

}  // namespace
}  // namespace berta::corpus
