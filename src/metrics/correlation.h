#pragma once

#include <span>
#include <vector>

#include "metrics/metric.h"

namespace berta::metrics {

/// The place of each value in ascending order, from 1; equal values share the mean of their places. NaN goes
/// behind all numbers, each for itself.
std::vector<double> average_ranks(std::span<const double> values);

/// Pearson's correlation, as scipy.stats.pearsonr computes it. NaN where it is not defined: less than two
/// pairs, all values of one side equal, a value that is not finite. Both sides have as many values.
double pearson(std::span<const double> a, std::span<const double> b);

/// Spearman's rank correlation, as scipy.stats.spearmanr computes it: Pearson's correlation of the average
/// ranks. NaN for less than two pairs, where all values of one side are equal, and where a value is NaN.
double spearman(std::span<const double> a, std::span<const double> b);

/// The mean of the squared differences; NaN for no values.
double mean_squared_error(std::span<const double> expected, std::span<const double> predicted);

/// "pearson", "spearmanr", "combined_score" (the mean of both, as GLUE has for STS-B) and "mse".
Metrics regression_metrics(std::span<const double> expected, std::span<const double> predicted);

}  // namespace berta::metrics
