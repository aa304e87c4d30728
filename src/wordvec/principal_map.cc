#include "wordvec/principal_map.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "core/parallel.h"
#include "wordvec/symmetric_eigen.h"

namespace berta::wordvec {
namespace {

/// Rows [count, dimension] around their mean.
struct Centred {
  std::size_t count = 0;
  std::size_t dimension = 0;
  std::vector<double> values;

  std::span<const double> row(std::size_t i) const {
    return std::span(values).subspan(i * dimension, dimension);
  }
};

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Centred centre(const Matrix& vectors) {
  Centred rows{.count = vectors.rows(), .dimension = vectors.dimension(), .values = {}};
  std::vector<double> mean(rows.dimension);
  for (std::size_t i = 0; i < rows.count; ++i) {
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += static_cast<double>(vectors.vector(i)[k]);
  }
  for (double& value : mean) value /= static_cast<double>(rows.count);
  rows.values.reserve(rows.count * rows.dimension);
  for (std::size_t i = 0; i < rows.count; ++i) {
    for (std::size_t k = 0; k < mean.size(); ++k) {
      rows.values.push_back(static_cast<double>(vectors.vector(i)[k]) - mean[k]);
    }
  }
  return rows;
}

Centred transposed(const Centred& rows) {
  Centred columns{.count = rows.dimension, .dimension = rows.count, .values = {}};
  columns.values.resize(rows.values.size());
  for (std::size_t i = 0; i < rows.count; ++i) {
    for (std::size_t k = 0; k < rows.dimension; ++k) columns.values[k * rows.count + i] = rows.row(i)[k];
  }
  return columns;
}

/// The products of all rows with one another.
std::vector<double> gram(const Centred& rows) {
  std::vector<double> products(rows.count * rows.count);
  parallel_each(rows.count, [&](std::size_t i) {
    for (std::size_t j = 0; j < rows.count; ++j) products[i * rows.count + j] = dot(rows.row(i), rows.row(j));
  });
  return products;
}

/// X^T u, which turns an eigenvector of X X^T into one of X^T X, made 1 long.
std::vector<double> axis_of(const Centred& rows, const std::vector<double>& u) {
  std::vector<double> axis(rows.dimension);
  for (std::size_t i = 0; i < rows.count; ++i) {
    for (std::size_t k = 0; k < axis.size(); ++k) axis[k] += u[i] * rows.row(i)[k];
  }
  const double length = std::sqrt(dot(axis, axis));
  for (double& value : axis) value = length > 0 ? value / length : 0;
  return axis;
}

void fix_sign(std::vector<double>& axis) {
  double largest = 0;
  for (const double value : axis) largest = std::max(largest, std::abs(value));
  // Of numbers that are equal but for rounding the first decides.
  const auto deciding = std::find_if(axis.begin(), axis.end(),
                                     [&](double value) { return std::abs(value) >= (1 - 1e-9) * largest; });
  if (deciding == axis.end() || *deciding >= 0) return;
  for (double& value : axis) value = -value;
}

}  // namespace

PrincipalMap principal_map(const Matrix& vectors) {
  PrincipalMap map;
  if (vectors.rows() == 0) return map;
  const Centred rows = centre(vectors);
  const double total = dot(rows.values, rows.values);
  map.points.resize(rows.count);
  const bool by_covariance = rows.dimension <= rows.count;
  const std::size_t side = std::min(rows.dimension, rows.count);
  const EigenPairs pairs =
      largest_eigen(gram(by_covariance ? transposed(rows) : rows), side, map.axes.size());
  for (std::size_t a = 0; a < map.axes.size(); ++a) {
    // What rounding leaves of a value that is 0 is no axis.
    const bool any = a < pairs.values.size() && pairs.values[a] > 1e-14 * total;
    map.axes[a].assign(rows.dimension, 0);
    if (!any) continue;
    map.axes[a] = by_covariance ? pairs.vectors[a] : axis_of(rows, pairs.vectors[a]);
    fix_sign(map.axes[a]);
    map.explained[a] = std::min(pairs.values[a] / total, 1.0);
    for (std::size_t i = 0; i < rows.count; ++i) map.points[i][a] = dot(rows.row(i), map.axes[a]);
  }
  return map;
}

}  // namespace berta::wordvec
