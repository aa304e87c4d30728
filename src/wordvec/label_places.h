#pragma once

#include <span>
#include <vector>

namespace berta::wordvec {

/// A rectangle in a picture; y grows downwards.
struct Box {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;

  /// The area that both have.
  double overlap(const Box& other) const;
};

/// A point of a picture, and the size of the label that belongs to it.
struct LabelledPoint {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

/// Where the labels go, within `frame` if they fit there: in order, each at the nearest of some 60 places
/// around its point that is free of earlier labels and of all points, else where it covers the least.
std::vector<Box> place_labels(std::span<const LabelledPoint> points, const Box& frame);

}  // namespace berta::wordvec
