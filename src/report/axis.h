#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace berta::report {

/// A place on an axis that has a line and a label.
struct Tick {
  double value = 0;
  std::string label;
};

/// The range that an axis shows, and its ticks at multiples of 1, 2 or 5 times a power of ten.
struct Axis {
  double low = 0;
  double high = 1;
  std::vector<Tick> ticks;

  /// Where `value` lies, 0 at `low` and 1 at `high`.
  double place(double value) const { return (value - low) / (high - low); }
};

/// An axis of values, which begins and ends at ticks. Both bounds finite; a range too small for its size (one
/// value) is widened; values beyond 1e300 are taken for 1e300.
Axis value_axis(double low, double high, std::size_t most_ticks);

/// An axis of steps, exactly from first to last (widened if they are one), with ticks at whole numbers.
Axis step_axis(std::int64_t first, std::int64_t last, std::size_t most_ticks);

}  // namespace berta::report
