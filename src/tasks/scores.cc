#include "tasks/scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace berta::tasks {

float sigmoid(float x) {
  const double e = std::exp(-std::abs(static_cast<double>(x)));
  return static_cast<float>(x < 0 ? e / (1 + e) : 1 / (1 + e));
}

std::vector<float> softmax(std::span<const float> logits) {
  std::vector<float> scores(logits.size());
  if (logits.empty()) return scores;
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - top);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    scores[i] = static_cast<float>(std::exp(logits[i] - top) / sum);
  }
  return scores;
}

std::vector<float> apply(ScoreFunction function, std::span<const float> logits) {
  if (function == ScoreFunction::softmax) return softmax(logits);
  std::vector<float> scores(logits.begin(), logits.end());
  if (function == ScoreFunction::sigmoid)
    std::transform(scores.begin(), scores.end(), scores.begin(), sigmoid);
  return scores;
}

std::vector<std::size_t> largest(std::span<const float> values, std::size_t count) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  count = count == 0 ? order.size() : std::min(count, order.size());
  // NaN compares false with everything, which is no order: it counts as less than all.
  const auto before = [&](std::size_t a, std::size_t b) {
    const bool a_nan = std::isnan(values[a]), b_nan = std::isnan(values[b]);
    if (a_nan || b_nan) return a_nan == b_nan ? a < b : b_nan;
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), before);
  order.resize(count);
  return order;
}

std::size_t arg_max(std::span<const float> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace berta::tasks
