#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace berta::report {

/// A number measured at a step.
struct Point {
  std::int64_t step = 0;
  double value = 0;

  bool operator==(const Point&) const = default;
};

/// A curve, its points in the order of their steps.
struct Series {
  std::string name;  ///< of the curve in its chart: "train", "dev"
  std::string chart =
      {};  ///< series of one chart share axes: "loss"; empty: a chart of its own, called `name`
  std::string unit = {};  ///< of the values: "tokens/s"
  double smoothing = 0;   ///< decay of a smoothed curve drawn over the points, in [0, 1); 0: none
  std::vector<Point> points = {};

  const std::string& chart_name() const { return chart.empty() ? name : chart; }
};

/// The exponential mean with correction for its start: of x_1 ... x_n, the sum of decay^(n - i) x_i over the
/// sum of decay^(n - i). So the first value is x_1 and not pulled to zero. Values that are not finite are
/// left out.
class ExponentialMean {
 public:
  /// `decay` in [0, 1): 0.9 looks back about ten values. Throws InternalError for others.
  explicit ExponentialMean(double decay);

  void add(double value);
  double value() const;  ///< NaN before the first finite value

 private:
  double decay_;
  double mean_ = 0;
  double weight_ = 0;  ///< sum of (1 - decay) decay^(n - i), which tends to 1
};

/// Each point with the mean up to it; a point that is not finite stays as it is.
std::vector<Point> smoothed(std::span<const Point> points, double decay);

/// At most about 5 `columns` points that draw the same in so many columns of pixels: of each column the
/// first, the lowest, the highest and the last finite point, and the first that is not finite. Points must be
/// in the order of steps.
std::vector<Point> thinned(std::span<const Point> points, std::size_t columns);

}  // namespace berta::report
