#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace berta::wordvec {

/// Eigenvalues of a symmetric matrix, largest first, and a vector of length 1 for each.
struct EigenPairs {
  std::vector<double> values;
  std::vector<std::vector<double>> vectors;
};

/// All pairs of a symmetric matrix [n, n], row by row, by cyclic Jacobi rotations (Golub & Van Loan, Matrix
/// Computations, 8.5). For small n: each sweep costs 6 n^3.
EigenPairs jacobi_eigen(std::vector<double> matrix, std::size_t n);

/// The pairs of the `wanted` largest eigenvalues of a symmetric matrix [n, n] without negative ones, by
/// subspace iteration with Rayleigh-Ritz steps (Golub & Van Loan, 8.2) from a fixed start: the same matrix
/// gives the same pairs. A pair is exact to 1e-11 of the largest value unless a gap of the values is so small
/// that any vector of that space does. Fewer pairs than `wanted` where n is smaller.
EigenPairs largest_eigen(std::span<const double> matrix, std::size_t n, std::size_t wanted);

}  // namespace berta::wordvec
