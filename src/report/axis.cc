#include "report/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace berta::report {
namespace {

constexpr double kLargest = 1e300;    // so that ranges and scales stay finite
constexpr double kSmallest = 1e-290;  // below it a range has no normal numbers to divide it

/// The smallest of 1, 2, 5 times a power of ten that divides `range` into at most `most` parts.
double tick_step(double range, std::size_t most) {
  const double least = range / static_cast<double>(std::max<std::size_t>(most, 1));
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

/// How ticks of one axis are written: value / scale with so many decimals, then a suffix.
struct TickFormat {
  double scale = 1;
  std::string suffix;
};

TickFormat tick_format(double largest) {
  static constexpr std::array<const char*, 4> kUnits{" k", " M", " G", " T"};
  if (largest >= 1e4 && largest < 1e15) {
    const auto unit = static_cast<std::size_t>(std::log10(largest) / 3 + 1e-9);
    return {.scale = std::pow(1000.0, static_cast<double>(unit)), .suffix = kUnits.at(unit - 1)};
  }
  if (largest >= 1e-3 && largest < 1e4) return {};
  const double exponent = std::floor(std::log10(largest) + 1e-9);
  return {.scale = std::pow(10.0, exponent), .suffix = fmt::format("e{:.0f}", exponent)};
}

/// Ticks at the multiples of `step` from index `first` to index `last`.
std::vector<Tick> make_ticks(double first, double last, double step) {
  const double largest = std::max(std::abs(first), std::abs(last)) * step;
  const TickFormat format = tick_format(largest);
  const double fraction = -std::log10(step / format.scale);
  const auto decimals = static_cast<int>(std::clamp(std::ceil(fraction - 1e-6), 0.0, 15.0));
  std::vector<Tick> ticks;
  for (double i = first; i <= last; ++i) {
    const double value = i * step;
    std::string label =
        i == 0 ? "0" : fmt::format("{:.{}f}{}", value / format.scale, decimals, format.suffix);
    ticks.push_back({.value = value, .label = std::move(label)});
  }
  return ticks;
}

}  // namespace

Axis value_axis(double low, double high, std::size_t most_ticks) {
  low = std::clamp(low, -kLargest, kLargest);
  high = std::clamp(high, -kLargest, kLargest);
  const double size = std::max(std::abs(low), std::abs(high));
  if (high - low < std::max(size * 1e-9, kSmallest)) {
    const double padding = size * 0.05 > kSmallest ? size * 0.05 : 1;
    low -= padding;
    high += padding;
  }
  const double step = tick_step(high - low, most_ticks);
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  return {.low = first * step, .high = last * step, .ticks = make_ticks(first, last, step)};
}

Axis step_axis(std::int64_t first, std::int64_t last, std::size_t most_ticks) {
  Axis axis{.low = static_cast<double>(first), .high = static_cast<double>(last), .ticks = {}};
  // Neighbours beyond 2^53 are one double.
  const double least = std::max(1.0, std::max(std::abs(axis.low), std::abs(axis.high)) * 1e-9);
  if (axis.high - axis.low < least) {
    axis.low -= least;
    axis.high += least;
  }
  const double step = std::max(1.0, tick_step(axis.high - axis.low, most_ticks));
  axis.ticks = make_ticks(std::ceil(axis.low / step - 1e-9), std::floor(axis.high / step + 1e-9), step);
  return axis;
}

}  // namespace berta::report
