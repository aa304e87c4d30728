#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// Scales each row to length 1, so that dot products are cosines. Rows of zeros stay.
void scale_to_unit(Matrix& rows);

/// The first `count` rows (all, if there are fewer), scaled to length 1.
Matrix unit_rows(const Matrix& vectors, std::size_t count);

struct Neighbour {
  std::uint32_t row = 0;
  float score = 0;  ///< the dot product

  bool operator==(const Neighbour&) const = default;
};

/// Rows that are near to each of the queries.
struct NearestTask {
  const Matrix& rows;
  const Matrix& queries;  ///< of the same dimension
  /// Rows that are no answers to a query: one list a query, or no list at all.
  std::span<const std::vector<std::uint32_t>> excluded;
  std::size_t top_k = 1;
};

/// For each query the `top_k` rows of the largest dot products, best first, of equals the earlier row; fewer
/// where there are no more. A product that is NaN is no answer. Runs on threads(); the number of threads
/// changes nothing.
std::vector<std::vector<Neighbour>> find_nearest(const NearestTask& task);

}  // namespace berta::wordvec
