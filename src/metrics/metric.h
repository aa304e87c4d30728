#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace berta::metrics {

/// A figure with the name that GLUE and Hugging Face's `evaluate` give it. A value that is not defined is
/// NaN.
struct Metric {
  std::string name;
  double value = 0;
};

using Metrics = std::vector<Metric>;

/// The value of that name. Throws UserError "metric \"x\": expected one of a, b, c".
double value_of(std::span<const Metric> metrics, std::string_view name);

/// The mean of the metrics of these names, which GLUE reports for tasks with two: "combined_score".
Metric combined_score(std::span<const Metric> metrics, std::span<const std::string_view> names);

}  // namespace berta::metrics
