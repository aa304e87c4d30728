#include "wordvec/label_places.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace berta::wordvec {
namespace {

constexpr double kPointRadius = 4;

/// Right, left, above, below and the corners first; then circles that grow.
std::vector<std::array<double, 3>> directions() {
  std::vector<std::array<double, 3>> all;  // x, y, distance
  for (const double distance : {6.0, 16.0, 28.0, 44.0, 64.0, 90.0}) {
    const int count = distance < 10 ? 8 : 12;
    constexpr std::array<int, 8> kFirst = {0, 4, 6, 2, 7, 1, 5, 3};
    for (int i = 0; i < count; ++i) {
      const int step = count == 8 ? kFirst[static_cast<std::size_t>(i)] : i;
      const double angle = 2 * std::numbers::pi * step / count;
      all.push_back({std::cos(angle), std::sin(angle), distance});
    }
  }
  return all;
}

/// The label beside its point, in that direction, at that distance from edge to edge.
Box place(const LabelledPoint& point, const std::array<double, 3>& direction) {
  const double x = point.x + direction[0] * (direction[2] + point.width / 2);
  const double y = point.y + direction[1] * (direction[2] + point.height / 2);
  return {
      .left = x - point.width / 2, .top = y - point.height / 2, .width = point.width, .height = point.height};
}

Box moved_into(Box box, const Box& frame) {
  box.left = std::max(std::min(box.left, frame.left + frame.width - box.width), frame.left);
  box.top = std::max(std::min(box.top, frame.top + frame.height - box.height), frame.top);
  return box;
}

Box mark_of(const LabelledPoint& point) {
  return {.left = point.x - kPointRadius,
          .top = point.y - kPointRadius,
          .width = 2 * kPointRadius,
          .height = 2 * kPointRadius};
}

/// The area of labels and points that `box` covers; stops above `enough`.
double covered(const Box& box, std::span<const Box> labels, std::span<const LabelledPoint> points,
               double enough) {
  double area = 0;
  for (const Box& label : labels) {
    area += box.overlap(label);
    if (area > enough) return area;
  }
  for (const LabelledPoint& point : points) {
    area += box.overlap(mark_of(point));
    if (area > enough) return area;
  }
  return area;
}

}  // namespace

double Box::overlap(const Box& other) const {
  const double x = std::min(left + width, other.left + other.width) - std::max(left, other.left);
  const double y = std::min(top + height, other.top + other.height) - std::max(top, other.top);
  return x > 0 && y > 0 ? x * y : 0;
}

std::vector<Box> place_labels(std::span<const LabelledPoint> points, const Box& frame) {
  const auto candidates = directions();
  std::vector<Box> labels;
  for (const LabelledPoint& point : points) {
    Box best;
    double least = std::numeric_limits<double>::infinity();
    for (const auto& direction : candidates) {
      const Box box = moved_into(place(point, direction), frame);
      const double area = covered(box, labels, points, least);
      if (area >= least) continue;
      best = box;
      least = area;
      if (least == 0) break;
    }
    labels.push_back(best);
  }
  return labels;
}

}  // namespace berta::wordvec
