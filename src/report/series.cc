#include "report/series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace berta::report {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// What is kept of one column: indices of points.
struct Column {
  std::size_t first = kNone, low = kNone, high = kNone, last = kNone, not_finite = kNone;

  void add(std::span<const Point> points, std::size_t i) {
    const double value = points[i].value;
    if (!std::isfinite(value)) {
      if (not_finite == kNone) not_finite = i;
      return;
    }
    if (first == kNone) first = low = high = i;
    if (value < points[low].value) low = i;
    if (value > points[high].value) high = i;
    last = i;
  }

  void append_to(std::vector<Point>& out, std::span<const Point> points) const {
    std::array<std::size_t, 5> kept{first, low, high, last, not_finite};
    std::sort(kept.begin(), kept.end());
    const auto end = std::unique(kept.begin(), kept.end());
    for (auto i = kept.begin(); i != end && *i != kNone; ++i) out.push_back(points[*i]);
  }
};

}  // namespace

ExponentialMean::ExponentialMean(double decay) : decay_(decay) {
  check_internal(decay >= 0 && decay < 1, "a decay outside [0, 1)");
}

void ExponentialMean::add(double value) {
  if (!std::isfinite(value)) return;
  mean_ = decay_ * mean_ + (1 - decay_) * value;
  weight_ = decay_ * weight_ + (1 - decay_);
}

double ExponentialMean::value() const {
  return weight_ == 0 ? std::numeric_limits<double>::quiet_NaN() : mean_ / weight_;
}

std::vector<Point> smoothed(std::span<const Point> points, double decay) {
  ExponentialMean mean(decay);
  std::vector<Point> out;
  out.reserve(points.size());
  for (const Point& point : points) {
    mean.add(point.value);
    out.push_back({.step = point.step, .value = std::isfinite(point.value) ? mean.value() : point.value});
  }
  return out;
}

std::vector<Point> thinned(std::span<const Point> points, std::size_t columns) {
  check_internal(columns > 0, "thinning to no columns");
  if (points.size() <= columns) return {points.begin(), points.end()};
  const auto start = static_cast<double>(points.front().step);
  const double range = static_cast<double>(points.back().step) - start;
  const double last_column = static_cast<double>(columns - 1);
  const auto column_of = [&](const Point& point) {
    if (!(range > 0)) return 0.0;
    const double place = (static_cast<double>(point.step) - start) / range * static_cast<double>(columns);
    return std::clamp(std::floor(place), 0.0, last_column);
  };
  std::vector<Point> out;
  for (std::size_t i = 0; i < points.size();) {
    const double number = column_of(points[i]);
    Column column;
    for (; i < points.size() && column_of(points[i]) == number; ++i) column.add(points, i);
    column.append_to(out, points);
  }
  return out;
}

}  // namespace berta::report
