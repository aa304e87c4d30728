#include "data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "file.h"

namespace berta::data {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Indices = std::vector<std::size_t>;

bool is_partition(const Split& split, std::size_t count) {
  Indices all = split.train;
  all.insert(all.end(), split.dev.begin(), split.dev.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] != i) return false;
  }
  return all.size() == count && std::is_sorted(split.train.begin(), split.train.end()) &&
         std::is_sorted(split.dev.begin(), split.dev.end());
}

std::map<std::size_t, std::size_t> counts(const Indices& samples, const Indices& classes) {
  std::map<std::size_t, std::size_t> result;
  for (const std::size_t sample : samples) ++result[classes[sample]];
  return result;
}

Indices random_classes() {
  return *rc::gen::suchThat(rc::gen::container<Indices>(rc::gen::inRange<std::size_t>(0, 4)),
                            [](const Indices& classes) { return classes.size() >= 2; });
}

TEST(Split, IsAPartitionWithEvenShares) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const Indices classes = random_classes();
    const double share = *rc::gen::inRange(1, 100) / 100.0;
    const Split split = split_samples(classes.size(), {.dev_share = share, .seed = seed, .classes = classes});
    RC_ASSERT(is_partition(split, classes.size()));
    RC_ASSERT(!split.train.empty() && !split.dev.empty());
    const double exact_share = static_cast<double>(split.dev.size()) / static_cast<double>(classes.size());
    const auto in_dev = counts(split.dev, classes);
    const auto in_all = [&] {
      Indices all(classes.size());
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
      return counts(all, classes);
    }();
    for (const auto& [id, count] : in_all) {
      const auto found = in_dev.find(id);
      const double given = found == in_dev.end() ? 0 : static_cast<double>(found->second);
      RC_ASSERT(std::abs(given - exact_share * static_cast<double>(count)) < 1);
    }
  }));
}

TEST(Split, IsFixedByTheSeed) {
  // Written down: a seed must give the same split in every version and on every machine.
  EXPECT_THAT(split_samples(10, {.dev_share = 0.3, .seed = 1}).dev, ElementsAre(2, 4, 7));
  EXPECT_THAT(split_samples(10, {.dev_share = 0.3, .seed = 2}).dev, ElementsAre(0, 3, 9));
  EXPECT_EQ(split_samples(1000, {.dev_share = 0.1, .seed = 7}).dev.size(), 100u);
}

TEST(Split, Refusals) {
  EXPECT_EQ(error_of([] { split_samples(1, {}); }), "expected at least 2 samples to split, found 1");
  for (const double share : {0.0, 1.0, -1.0, std::nan("")}) {
    EXPECT_THROW(split_samples(9, {.dev_share = share}), UserError);
  }
  const Indices classes{0, 1};
  EXPECT_THROW(split_samples(3, {.classes = classes}), InternalError);
  EXPECT_EQ(error_of([] { split_folds(3, {.folds = 4}); }),
            "expected at least a sample for each of 4 folds, found 3");
  EXPECT_EQ(error_of([] { split_folds(3, {.folds = 1}); }), "expected at least 2 folds, found 1");
}

TEST(Folds, EachSampleIsInDevOnceAndClassesAreEven) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const Indices classes = random_classes();
    const std::size_t folds = *rc::gen::inRange<std::size_t>(2, std::min<std::size_t>(classes.size(), 6) + 1);
    const auto splits = split_folds(classes.size(), {.folds = folds, .seed = seed, .classes = classes});
    RC_ASSERT(splits.size() == folds);
    Indices times(classes.size());
    std::map<std::size_t, std::pair<std::size_t, std::size_t>> extremes;
    for (std::size_t id = 0; id < 4; ++id) extremes[id] = {classes.size(), 0};
    for (const Split& split : splits) {
      RC_ASSERT(is_partition(split, classes.size()));
      for (const std::size_t sample : split.dev) ++times[sample];
      auto found = counts(split.dev, classes);
      for (auto& [id, range] : extremes) {
        range = {std::min(range.first, found[id]), std::max(range.second, found[id])};
      }
    }
    for (const auto& [id, range] : extremes) RC_ASSERT(range.second - range.first <= 1);
    RC_ASSERT(std::all_of(times.begin(), times.end(), [](std::size_t count) { return count == 1; }));
  }));
}

TEST(Draw, GivesAscendingIndices) {
  EXPECT_THAT(draw_samples(0, 3, 1), IsEmpty());
  EXPECT_THAT(draw_samples(3, 9, 1), ElementsAre(0, 1, 2));
  const Indices drawn = draw_samples(1000, 10, 1);
  EXPECT_EQ(drawn.size(), 10u);
  EXPECT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
  EXPECT_NE(drawn, draw_samples(1000, 10, 2));
}

}  // namespace
}  // namespace berta::data
