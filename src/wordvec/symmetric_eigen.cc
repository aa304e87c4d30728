#include "wordvec/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "core/parallel.h"

namespace berta::wordvec {
namespace {

using Columns = std::vector<std::vector<double>>;

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Turns rows and columns p and q of `a` so that a[p, q] becomes 0, and columns p and q of `v` with them.
void rotate(std::vector<double>& a, std::vector<double>& v, std::size_t n, std::size_t p, std::size_t q) {
  const double off = a[p * n + q];
  if (off == 0) return;
  const double theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
  const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::hypot(theta, 1.0));
  const double c = 1 / std::hypot(t, 1.0);
  const double s = t * c;
  for (std::size_t k = 0; k < n; ++k) {
    const double kp = a[k * n + p];
    const double kq = a[k * n + q];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (std::size_t k = 0; k < n; ++k) {
    const double pk = a[p * n + k];
    const double qk = a[q * n + k];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const double vp = v[k * n + p];
    const double vq = v[k * n + q];
    v[k * n + p] = c * vp - s * vq;
    v[k * n + q] = s * vp + c * vq;
  }
}

/// Whether what is off the diagonal no longer counts.
bool is_diagonal(const std::vector<double>& a, std::size_t n) {
  double off = 0;
  double all = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double square = a[i * n + j] * a[i * n + j];
      all += square;
      if (i != j) off += square;
    }
  }
  return off <= 1e-30 * all;
}

/// Makes the columns orthogonal and 1 long, in order; those that lie in the space of earlier ones become 0.
void orthonormalise(Columns& columns) {
  for (std::size_t j = 0; j < columns.size(); ++j) {
    auto& column = columns[j];
    const double before = std::sqrt(dot(column, column));
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t i = 0; i < j; ++i) {
        const double part = dot(columns[i], column);
        for (std::size_t k = 0; k < column.size(); ++k) column[k] -= part * columns[i][k];
      }
    }
    const double after = std::sqrt(dot(column, column));
    const double scale = after > 1e-12 * before ? 1 / after : 0;
    for (double& value : column) value *= scale;
  }
}

/// Numbers between -1 and 1, always the same (splitmix64).
Columns start_columns(std::size_t n, std::size_t count) {
  std::uint64_t state = 1;
  Columns columns(count, std::vector<double>(n));
  for (auto& column : columns) {
    for (double& value : column) {
      state += 0x9e3779b97f4a7c15u;
      std::uint64_t bits = state;
      bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
      bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
      bits ^= bits >> 31;
      value = static_cast<double>(bits >> 11) * 0x1p-52 - 1;
    }
  }
  return columns;
}

Columns multiply(std::span<const double> matrix, std::size_t n, const Columns& columns) {
  Columns products(columns.size(), std::vector<double>(n));
  parallel_for(n, 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      for (std::size_t j = 0; j < columns.size(); ++j) {
        products[j][i] = dot(matrix.subspan(i * n, n), columns[j]);
      }
    }
  });
  return products;
}

/// Sums of the columns, weighted by the coordinates of each vector.
Columns combine(const Columns& columns, const Columns& coordinates) {
  Columns sums(coordinates.size(), std::vector<double>(columns.front().size()));
  for (std::size_t j = 0; j < coordinates.size(); ++j) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      for (std::size_t k = 0; k < sums[j].size(); ++k) sums[j][k] += coordinates[j][i] * columns[i][k];
    }
  }
  return sums;
}

/// The pairs of the matrix within the space of `basis`.
EigenPairs project(const Columns& basis, const Columns& products) {
  const std::size_t size = basis.size();
  std::vector<double> small(size * size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      small[i * size + j] = small[j * size + i] =
          (dot(basis[i], products[j]) + dot(basis[j], products[i])) / 2;
    }
  }
  return jacobi_eigen(std::move(small), size);
}

double largest_residual(const Columns& vectors, const Columns& products, const std::vector<double>& values,
                        std::size_t wanted) {
  double largest = 0;
  for (std::size_t j = 0; j < wanted; ++j) {
    double squares = 0;
    for (std::size_t k = 0; k < vectors[j].size(); ++k) {
      const double off = products[j][k] - values[j] * vectors[j][k];
      squares += off * off;
    }
    largest = std::max(largest, std::sqrt(squares));
  }
  return largest;
}

}  // namespace

EigenPairs jacobi_eigen(std::vector<double> matrix, std::size_t n) {
  std::vector<double> v(n * n);
  for (std::size_t i = 0; i < n; ++i) v[i * n + i] = 1;
  for (int sweep = 0; sweep < 60 && !is_diagonal(matrix, n); ++sweep) {
    for (std::size_t p = 0; p + 1 < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) rotate(matrix, v, n, p, q);
    }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return matrix[a * n + a] > matrix[b * n + b]; });
  EigenPairs pairs;
  for (const std::size_t column : order) {
    pairs.values.push_back(matrix[column * n + column]);
    auto& vector = pairs.vectors.emplace_back(n);
    for (std::size_t k = 0; k < n; ++k) vector[k] = v[k * n + column];
  }
  return pairs;
}

EigenPairs largest_eigen(std::span<const double> matrix, std::size_t n, std::size_t wanted) {
  constexpr std::size_t kMoreColumns = 14;  // the more, the faster the first ones settle
  constexpr int kMostSteps = 300;
  wanted = std::min(wanted, n);
  if (wanted == 0) return {};
  Columns basis = start_columns(n, std::min(n, wanted + kMoreColumns));
  orthonormalise(basis);
  EigenPairs pairs;
  for (int step = 0; step < kMostSteps; ++step) {
    const Columns products = multiply(matrix, n, basis);
    pairs = project(basis, products);
    const Columns turned = combine(products, pairs.vectors);
    pairs.vectors = combine(basis, pairs.vectors);
    if (largest_residual(pairs.vectors, turned, pairs.values, wanted) <= 1e-11 * pairs.values.front()) break;
    basis = turned;
    orthonormalise(basis);
  }
  pairs.values.resize(wanted);
  pairs.vectors.resize(wanted);
  return pairs;
}

}  // namespace berta::wordvec
