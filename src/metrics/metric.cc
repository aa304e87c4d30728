#include "metrics/metric.h"

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace berta::metrics {

double value_of(std::span<const Metric> metrics, std::string_view name) {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [name](const Metric& metric) { return metric.name == name; });
  if (found != metrics.end()) return found->value;
  std::string known;
  for (const Metric& metric : metrics) known += (known.empty() ? "" : ", ") + metric.name;
  throw UserError("metric \"" + std::string(name) + "\": expected one of " + known);
}

Metric combined_score(std::span<const Metric> metrics, std::span<const std::string_view> names) {
  double sum = 0;
  for (const std::string_view name : names) sum += value_of(metrics, name);
  const double mean =
      names.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(names.size());
  return {.name = "combined_score", .value = mean};
}

}  // namespace berta::metrics
