#include "metrics/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace berta::metrics {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

bool all_equal(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
}

bool any_nan(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

/// The differences from the mean, scaled to length 1. The largest comes out before squares are summed, so
/// that neither large nor tiny values leave the range of a double.
std::vector<double> unit_deviations(std::span<const double> values) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  std::vector<double> deviations(values.size());
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    deviations[i] = values[i] - mean;
    largest = std::max(largest, std::abs(deviations[i]));
  }
  double squares = 0;
  for (double& deviation : deviations) {
    deviation /= largest;
    squares += deviation * deviation;
  }
  for (double& deviation : deviations) deviation /= std::sqrt(squares);
  return deviations;
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // A value that is no number goes behind all others: a sort must have an order.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] < values[b] || (std::isnan(values[b]) && !std::isnan(values[a]));
  });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + 1 + end) / 2;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
    begin = end;
  }
  return ranks;
}

double pearson(std::span<const double> a, std::span<const double> b) {
  check_internal(a.size() == b.size(), "a correlation of lists that are not equally long");
  if (a.size() < 2 || all_equal(a) || all_equal(b)) return kUndefined;
  const std::vector<double> x = unit_deviations(a);
  const std::vector<double> y = unit_deviations(b);
  return std::clamp(std::inner_product(x.begin(), x.end(), y.begin(), 0.0), -1.0, 1.0);
}

double spearman(std::span<const double> a, std::span<const double> b) {
  if (any_nan(a) || any_nan(b)) return kUndefined;
  return pearson(average_ranks(a), average_ranks(b));
}

double mean_squared_error(std::span<const double> expected, std::span<const double> predicted) {
  check_internal(expected.size() == predicted.size(), "a mean error of lists that are not equally long");
  double sum = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = predicted[i] - expected[i];
    sum += difference * difference;
  }
  return expected.empty() ? kUndefined : sum / static_cast<double>(expected.size());
}

Metrics regression_metrics(std::span<const double> expected, std::span<const double> predicted) {
  Metrics metrics{{.name = "pearson", .value = pearson(expected, predicted)},
                  {.name = "spearmanr", .value = spearman(expected, predicted)}};
  constexpr std::string_view kBoth[] = {"pearson", "spearmanr"};
  metrics.push_back(combined_score(metrics, kBoth));
  metrics.push_back({.name = "mse", .value = mean_squared_error(expected, predicted)});
  return metrics;
}

}  // namespace berta::metrics
