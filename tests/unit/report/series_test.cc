#include "report/series.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace berta::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ExponentialMean, CorrectsForItsStart) {
  ExponentialMean mean(0.9);
  EXPECT_TRUE(std::isnan(mean.value()));
  mean.add(5);
  EXPECT_DOUBLE_EQ(mean.value(), 5);
  mean.add(kNan);
  mean.add(-kInfinity);
  EXPECT_DOUBLE_EQ(mean.value(), 5);
  mean.add(7);
  EXPECT_DOUBLE_EQ(mean.value(), (0.9 * 5 + 7) / 1.9);
  ExponentialMean none(0);
  for (const double value : {3.0, 4.0, 1e300}) none.add(value);
  EXPECT_DOUBLE_EQ(none.value(), 1e300);
  EXPECT_THROW(ExponentialMean(1.0), InternalError);
  EXPECT_THROW(ExponentialMean{kNan}, InternalError);
}

TEST(Smoothed, KeepsStepsAndGaps) {
  const std::vector<Point> points{
      {.step = 1, .value = 2}, {.step = 5, .value = kNan}, {.step = 6, .value = 2}};
  const auto out = smoothed(points, 0.5);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0], points[0]);
  EXPECT_TRUE(std::isnan(out[1].value));
  EXPECT_EQ(out[2], points[2]);
  EXPECT_TRUE(smoothed({}, 0.5).empty());
}

TEST(Thinned, SmallSeriesStayAsTheyAre) {
  EXPECT_TRUE(thinned({}, 10).empty());
  const std::vector<Point> one{{.step = 3, .value = 1e308}};
  EXPECT_EQ(thinned(one, 10), one);
  const std::vector<Point> same_step(50, Point{.step = 3, .value = 1});
  EXPECT_EQ(thinned(same_step, 10).size(), 2u);
}

TEST(Thinned, KeepsExtremesAndEnds) {
  EXPECT_TRUE(rc::check([](const std::vector<std::int16_t>& values) {
    std::vector<Point> points;
    for (const std::int16_t value : values) {
      points.push_back(
          {.step = static_cast<std::int64_t>(points.size()) * 7, .value = static_cast<double>(value)});
    }
    const auto thin = thinned(points, 4);
    RC_ASSERT(thin.size() <= std::max<std::size_t>(4 * 4, 4));
    if (points.empty()) return;
    const auto by_value = [](const Point& a, const Point& b) { return a.value < b.value; };
    const auto [low, high] = std::minmax_element(points.begin(), points.end(), by_value);
    const auto [thin_low, thin_high] = std::minmax_element(thin.begin(), thin.end(), by_value);
    RC_ASSERT(low->value == thin_low->value);
    RC_ASSERT(high->value == thin_high->value);
    RC_ASSERT(points.front() == thin.front());
    RC_ASSERT(points.back() == thin.back());
    RC_ASSERT(std::is_sorted(thin.begin(), thin.end(),
                             [](const Point& a, const Point& b) { return a.step < b.step; }));
  }));
}

TEST(Thinned, OneSpikeAndOneGapInAMillionPoints) {
  std::vector<Point> points;
  for (std::int64_t i = 0; i < 1'000'000; ++i) points.push_back({.step = i, .value = 1});
  points[345'678].value = 99;
  points[700'000].value = kNan;
  points[700'001].value = kInfinity;
  const auto thin = thinned(points, 500);
  EXPECT_LE(thin.size(), 2500u);
  EXPECT_EQ(std::count(thin.begin(), thin.end(), points[345'678]), 1);
  EXPECT_EQ(std::count_if(thin.begin(), thin.end(), [](const Point& p) { return !std::isfinite(p.value); }),
            1);
}

TEST(Thinned, StepsAtTheEndsOfTheirType) {
  std::vector<Point> points(100);
  points.front().step = std::numeric_limits<std::int64_t>::min();
  points.back().step = std::numeric_limits<std::int64_t>::max();
  const auto thin = thinned(points, 10);
  EXPECT_EQ(thin.front(), points.front());
  EXPECT_EQ(thin.back(), points.back());
}

}  // namespace
}  // namespace berta::report
