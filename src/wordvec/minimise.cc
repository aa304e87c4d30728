#include "wordvec/minimise.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

namespace berta::wordvec {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void add_scaled(Vector& a, double scale, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += scale * b[i];
}

double largest_part(const Vector& a) {
  double largest = 0;
  for (const double value : a) {
    if (!(std::abs(value) <= largest)) largest = std::abs(value);  // also where it is no number
  }
  return largest;
}

/// The last steps, and how the gradient changed with them.
class Curvature {
 public:
  explicit Curvature(std::size_t memory) : memory_(memory) {}

  /// -H g, H the estimate of the inverse Hessian.
  Vector direction(const Vector& gradient) const {
    Vector q = gradient;
    std::vector<double> parts(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      parts[i] = dot(pairs_[i].step, q) / pairs_[i].product;
      add_scaled(q, -parts[i], pairs_[i].change);
    }
    if (!pairs_.empty()) {
      const Pair& last = pairs_.back();
      const double scale = last.product / dot(last.change, last.change);
      for (double& value : q) value *= scale;
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      add_scaled(q, parts[i] - dot(pairs_[i].change, q) / pairs_[i].product, pairs_[i].step);
    }
    for (double& value : q) value = -value;
    return q;
  }

  void remember(Vector step, Vector change) {
    const double product = dot(step, change);
    if (!(product > 1e-14 * dot(step, step))) return;  // no curvature to speak of
    if (pairs_.size() == memory_) pairs_.pop_front();
    if (memory_ > 0) pairs_.push_back({std::move(step), std::move(change), product});
  }

  bool empty() const { return pairs_.empty(); }
  void clear() { pairs_.clear(); }

 private:
  struct Pair {
    Vector step;
    Vector change;
    double product;
  };
  std::size_t memory_;
  std::deque<Pair> pairs_;
};

struct Place {
  Vector point;
  Vector gradient;
  double value = 0;
};

Place evaluate(const Objective& objective, Vector point) {
  Place place{.point = std::move(point), .gradient = {}, .value = 0};
  place.gradient.resize(place.point.size());
  place.value = objective(place.point, place.gradient);
  return place;
}

/// Moves `place` along `direction`; false where rounding leaves no better place.
bool search(const Objective& objective, const Vector& direction, double first_step, Place& place) {
  const double slope = dot(place.gradient, direction);
  // Differences below this are rounding.
  const double noise = 4 * std::numeric_limits<double>::epsilon() * std::abs(place.value);
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
  double step = first_step;
  for (int tries = 0; tries < 60; ++tries) {
    Vector point = place.point;
    add_scaled(point, step, direction);
    Place next = evaluate(objective, std::move(point));
    if (!(next.value <= place.value + 1e-4 * step * slope + noise)) {
      high = step;
    } else if (dot(next.gradient, direction) < 0.9 * slope) {
      low = step;
    } else {
      place = std::move(next);
      return true;
    }
    step = std::isinf(high) ? 2 * low : (low + high) / 2;
  }
  return false;
}

}  // namespace

Minimum minimise(const Objective& objective, std::vector<double> start, const MinimiseOptions& options) {
  Place place = evaluate(objective, std::move(start));
  Curvature curvature(options.memory);
  std::size_t steps = 0;
  while (steps < options.max_steps && largest_part(place.gradient) > options.tolerance) {
    Vector direction = curvature.direction(place.gradient);
    if (!(dot(direction, place.gradient) < 0)) {
      curvature.clear();
      direction = curvature.direction(place.gradient);
    }
    const double length = std::sqrt(dot(direction, direction));
    const double first_step = curvature.empty() ? std::min(1.0, 1 / length) : 1.0;
    const Place before = place;
    if (!search(objective, direction, first_step, place)) {
      if (curvature.empty()) break;
      curvature.clear();  // once more along the gradient itself
      continue;
    }
    ++steps;
    Vector step = place.point;
    Vector change = place.gradient;
    add_scaled(step, -1, before.point);
    add_scaled(change, -1, before.gradient);
    curvature.remember(std::move(step), std::move(change));
  }
  const double gradient = largest_part(place.gradient);
  return {.point = std::move(place.point),
          .value = place.value,
          .gradient = gradient,
          .steps = steps,
          .converged = gradient <= options.tolerance};
}

}  // namespace berta::wordvec
