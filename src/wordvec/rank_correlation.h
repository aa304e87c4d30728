#pragma once

#include <optional>
#include <span>
#include <vector>

namespace berta::wordvec {

/// The place of each value in ascending order, from 1; equal values share the mean of their places.
std::vector<double> average_ranks(std::span<const double> values);

/// Spearman's rank correlation, as scipy.stats.spearmanr computes it: Pearson's correlation of the average
/// ranks. Nothing for less than two values, or where all values of one side are equal. The values are finite
/// and both sides have as many.
std::optional<double> spearman(std::span<const double> a, std::span<const double> b);

}  // namespace berta::wordvec
