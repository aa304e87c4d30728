#include "tasks/scores.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace berta::tasks {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Sigmoid, NeverOverflows) {
  EXPECT_FLOAT_EQ(sigmoid(0), 0.5F);
  EXPECT_FLOAT_EQ(sigmoid(2), 0.8807971F);
  EXPECT_FLOAT_EQ(sigmoid(-2), 0.11920292F);
  EXPECT_EQ(sigmoid(1e30F), 1.0F);
  EXPECT_EQ(sigmoid(-1e30F), 0.0F);
}

TEST(Softmax, SubtractsTheLargest) {
  const auto scores = softmax(std::vector<float>{-1e4F, -1e4F + 1});
  EXPECT_FLOAT_EQ(scores[0], 0.26894143F);
  EXPECT_FLOAT_EQ(scores[1], 0.7310586F);
  EXPECT_EQ(softmax(std::vector<float>{1e38F, -1e38F}), (std::vector<float>{1, 0}));
  EXPECT_TRUE(softmax({}).empty());
}

TEST(Softmax, SumsToOne) {
  EXPECT_TRUE(rc::check([](const std::vector<std::int16_t>& raw) {
    RC_PRE(!raw.empty());
    std::vector<float> logits;
    for (const auto value : raw) logits.push_back(static_cast<float>(value) / 100);
    const auto scores = softmax(logits);
    RC_ASSERT(std::abs(std::accumulate(scores.begin(), scores.end(), 0.0) - 1) < 1e-5);
    RC_ASSERT(scores[arg_max(logits)] == *std::max_element(scores.begin(), scores.end()));
  }));
}

TEST(Largest, KeepsTheOrderOfEqualOnes) {
  const std::vector<float> values = {1, 3, 2, 3, 1};
  EXPECT_EQ(largest(values, 0), (std::vector<std::size_t>{1, 3, 2, 0, 4}));
  EXPECT_EQ(largest(values, 3), (std::vector<std::size_t>{1, 3, 2}));
  EXPECT_EQ(largest(values, 99).size(), 5U);
  EXPECT_EQ(arg_max(values), 1U);
}

TEST(Largest, PutsNanLast) {
  EXPECT_EQ(largest(std::vector<float>{kNan, 1, kNan, 2}, 0), (std::vector<std::size_t>{3, 1, 0, 2}));
}

TEST(Largest, IsAStableSort) {
  EXPECT_TRUE(rc::check([](const std::vector<std::int8_t>& raw, std::uint8_t count) {
    const std::vector<float> values(raw.begin(), raw.end());
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] > values[b]; });
    if (count > 0) order.resize(std::min<std::size_t>(order.size(), count));
    RC_ASSERT(largest(values, count) == order);
  }));
}

}  // namespace
}  // namespace berta::tasks
