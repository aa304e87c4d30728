#include "tasks/pooling.h"

#include <algorithm>
#include <cmath>

namespace berta::tasks {
namespace {

std::vector<float> maximum(const infer::Matrix& states) {
  const auto first = states.row(0);
  std::vector<float> out(first.begin(), first.end());
  for (std::int64_t t = 1; t < states.rows; ++t) {
    const auto row = states.row(t);
    for (std::size_t j = 0; j < out.size(); ++j) out[j] = std::max(out[j], row[j]);
  }
  return out;
}

/// sum_t w_t h_t / divisor with w_t = 1, or t + 1 where `rising`.
std::vector<float> weighted_sum(const infer::Matrix& states, bool rising, double divisor) {
  std::vector<double> sums(static_cast<std::size_t>(states.columns), 0.0);
  for (std::int64_t t = 0; t < states.rows; ++t) {
    const double weight = rising ? static_cast<double>(t + 1) : 1.0;
    const auto row = states.row(t);
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += weight * row[j];
  }
  std::vector<float> out(sums.size());
  std::transform(sums.begin(), sums.end(), out.begin(),
                 [&](double sum) { return static_cast<float>(sum / divisor); });
  return out;
}

std::vector<float> pool(const infer::Matrix& states, Pooling pooling) {
  const auto length = static_cast<double>(states.rows);
  switch (pooling) {
    case Pooling::cls:
      return {states.row(0).begin(), states.row(0).end()};
    case Pooling::last:
      return {states.row(states.rows - 1).begin(), states.row(states.rows - 1).end()};
    case Pooling::max:
      return maximum(states);
    case Pooling::mean_sqrt_length:
      return weighted_sum(states, false, std::sqrt(length));
    case Pooling::weighted_mean:
      return weighted_sum(states, true, length * (length + 1) / 2);
    case Pooling::mean:
      break;
  }
  return weighted_sum(states, false, length);
}

}  // namespace

std::vector<float> pool(const infer::Matrix& states, std::span<const Pooling> poolings) {
  std::vector<float> out;
  for (const Pooling pooling : poolings) {
    const std::vector<float> part = pool(states, pooling);
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

void normalize(std::vector<float>& values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * value;
  const double norm = std::max(std::sqrt(squares), 1e-12);
  for (float& value : values) value = static_cast<float>(value / norm);
}

}  // namespace berta::tasks
