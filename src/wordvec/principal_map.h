#pragma once

#include <array>
#include <vector>

#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// Points on the first two principal axes.
struct PrincipalMap {
  std::vector<std::array<double, 2>> points;  ///< one a row; their mean is 0
  std::array<std::vector<double>, 2> axes;    ///< of length 1, or of zeros where there is no such axis
  std::array<double, 2> explained{};          ///< the part of the variance along each, 0 to 1
};

/// The two directions of the largest variance of the rows of `vectors`, and the rows along them: eigenvectors
/// of the covariance, or by the Gram matrix where the rows are fewer than their numbers, in double. An axis
/// has the sign that makes its largest number positive. Memory: the vectors in double, and the square of the
/// smaller of their count and their dimension.
PrincipalMap principal_map(const Matrix& vectors);

}  // namespace berta::wordvec
