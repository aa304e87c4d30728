#include "core/parallel.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace berta {
namespace {

class Parallel : public ::testing::Test {
 protected:
  void SetUp() override { set_threads(4); }
  void TearDown() override { set_threads(0); }
};

TEST_F(Parallel, ForCoversEachIndexOnce) {
  for (const std::size_t count : {0, 1, 3, 4, 5, 1000}) {
    for (const std::size_t grain : {0, 1, 7, 5000}) {
      std::vector<int> seen(count);
      parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++seen[i];
      });
      EXPECT_EQ(seen, std::vector<int>(count, 1)) << count << " by " << grain;
    }
  }
}

TEST_F(Parallel, EachCoversEachIndexOnce) {
  for (const std::size_t count : {0, 1, 3, 1000}) {
    std::vector<int> seen(count);
    parallel_each(count, [&](std::size_t i) { ++seen[i]; });
    EXPECT_EQ(seen, std::vector<int>(count, 1)) << count;
  }
}

TEST_F(Parallel, SharesCoverEachIndexOnce) {
  for (const std::size_t count : {0, 1, 3, 4, 1000}) {
    std::vector<int> seen(count);
    parallel_shares(count, [&](Share& share) {
      while (const auto i = share.next()) ++seen[*i];
    });
    EXPECT_EQ(seen, std::vector<int>(count, 1)) << count;
  }
}

TEST(SharedRange, GivesEachWorkerItsOwnFromTheFrontThenOthersFromTheBack) {
  SharedRange range(10, 3);  // 0-2, 3-5, 6-9
  EXPECT_EQ(range.next(1), 3U);
  EXPECT_EQ(range.next(1), 4U);
  EXPECT_EQ(range.next(1), 5U);
  EXPECT_EQ(range.next(1), 9U);
  EXPECT_EQ(range.next(2), 6U);
  EXPECT_EQ(range.next(2), 7U);
  EXPECT_EQ(range.next(2), 8U);
  EXPECT_EQ(range.next(2), 2U);
  EXPECT_EQ(range.next(0), 0U);
  range.close();
  EXPECT_EQ(range.next(0), std::nullopt);
}

TEST_F(Parallel, ManyThreadsTakeEachIndexOfAShareOnce) {
  for (int round = 0; round < 200; ++round) {
    std::vector<std::atomic<int>> seen(97);
    parallel_shares(seen.size(), [&](Share& share) {
      while (const auto i = share.next()) ++seen[*i];
    });
    for (const auto& times : seen) ASSERT_EQ(times, 1);
  }
}

// Regions of changing size follow one another at once, so that workers that are late meet the next region.
TEST_F(Parallel, LateWorkersTakeNoPartOfTheNextRegionTwice) {
  for (std::size_t round = 0; round < 20000; ++round) {
    const std::size_t parts = 1 + round % 4;
    std::array<std::atomic<int>, 4> runs{};
    parallel_for(parts, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++runs[i];
    });
    for (std::size_t i = 0; i < 4; ++i) ASSERT_EQ(runs[i], i < parts ? 1 : 0) << round;
  }
}

TEST_F(Parallel, AnExceptionEndsTheSharesOfAll) {
  EXPECT_THROW(parallel_shares(1000000,
                               [](Share& share) {
                                 while (const auto i = share.next()) {
                                   if (*i == 5) throw std::range_error("sixth");
                                 }
                               }),
               std::range_error);
}

TEST_F(Parallel, UsesAsManyThreadsAsAsked) {
  std::atomic<int> arrived = 0;
  parallel_for(3, 1, [&](std::size_t, std::size_t) {
    ++arrived;
    while (arrived < 3) std::this_thread::yield();  // ends only if three ranges run at once
  });
  EXPECT_EQ(arrived, 3);
}

TEST_F(Parallel, RunsInlineInsideAnotherRegion) {
  std::atomic<int> ranges = 0;
  std::vector<int> threads_inside(4);
  parallel_each(4, [&](std::size_t i) {
    threads_inside[i] = threads();
    parallel_for(100, 1, [&](std::size_t, std::size_t) { ++ranges; });
  });
  EXPECT_EQ(threads_inside, std::vector<int>(4, 1));
  EXPECT_EQ(ranges, 4);
}

TEST_F(Parallel, RethrowsWhatABodyThrows) {
  std::atomic<int> ended = 0;
  const auto one_fails = [&](std::size_t begin, std::size_t) {
    ++ended;
    if (begin == 0) throw std::range_error("first");
  };
  EXPECT_THROW(parallel_for(4, 1, one_fails), std::range_error);
  EXPECT_EQ(ended, 4);
  EXPECT_THROW(parallel_each(4,
                             [](std::size_t i) {
                               if (i == 2) throw std::range_error("third");
                             }),
               std::range_error);
}

TEST_F(Parallel, CallersOnSeveralThreadsKeepTheirOwnTeamSize) {
  std::vector<int> seen(3);
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 3; ++i) {
      callers.emplace_back([&seen, i] {
        set_threads(i + 1);
        std::atomic<int> sum = 0;
        parallel_each(100, [&](std::size_t k) { sum += static_cast<int>(k); });
        seen[static_cast<std::size_t>(i)] = sum == 4950 ? threads() : -1;
      });
    }
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(threads(), 4);
}

}  // namespace
}  // namespace berta
