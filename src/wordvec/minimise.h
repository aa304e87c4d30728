#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace berta::wordvec {

/// The value of a function at `point`, and its gradient into the second argument.
using Objective = std::function<double(std::span<const double> point, std::span<double> gradient)>;

struct MinimiseOptions {
  std::size_t memory = 10;  ///< steps that the curvature is taken from
  std::size_t max_steps = 2000;
  double tolerance = 1e-7;  ///< done where no part of the gradient is larger
};

struct Minimum {
  std::vector<double> point;
  double value = 0;
  double gradient = 0;  ///< its largest part, without sign
  std::size_t steps = 0;
  bool converged = false;
};

/// The minimum of a smooth function by L-BFGS (Nocedal & Wright, Numerical Optimization, 7.4), with a line
/// search by bisection for the weak Wolfe conditions (Lewis & Overton 2013). No chance in it: the same
/// function and start give the same bits.
Minimum minimise(const Objective& objective, std::vector<double> start, const MinimiseOptions& options = {});

}  // namespace berta::wordvec
