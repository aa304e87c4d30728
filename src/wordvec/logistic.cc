#include "wordvec/logistic.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"

namespace berta::wordvec {
namespace {

/// The examples are summed in this many parts, whatever the number of threads, so that sums have one order.
constexpr std::size_t kParts = 16;

void score(std::span<const double> weights, std::span<const double> features, std::span<double> scores) {
  const std::size_t width = features.size() + 1;
  for (std::size_t c = 0; c < scores.size(); ++c) {
    const auto row = weights.subspan(c * width, width);
    scores[c] = std::inner_product(features.begin(), features.end(), row.begin(), row.back());
  }
}

/// Turns scores into probabilities; returns -log of that of `wanted`.
double softmax(std::span<double> scores, std::size_t wanted) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  const double own = scores[wanted] - largest;
  double sum = 0;
  for (double& value : scores) {
    value = std::exp(value - largest);
    sum += value;
  }
  for (double& value : scores) value /= sum;
  return std::log(sum) - own;
}

/// Loss and gradient of some of the examples, summed.
double sum_examples(const LogisticTask& task, std::span<const double> weights, std::size_t begin,
                    std::size_t end, std::span<double> gradient) {
  const std::size_t width = task.examples.dimension + 1;
  std::vector<double> scores(task.classes);
  double loss = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const auto features = task.examples.row(i);
    const std::uint32_t wanted = task.examples.classes[i];
    score(weights, features, scores);
    loss += softmax(scores, wanted);
    scores[wanted] -= 1;
    for (std::size_t c = 0; c < task.classes; ++c) {
      const auto row = gradient.subspan(c * width, width);
      for (std::size_t k = 0; k < features.size(); ++k) row[k] += scores[c] * features[k];
      row.back() += scores[c];
    }
  }
  return loss;
}

}  // namespace

std::uint32_t LogisticModel::classify(std::span<const double> features) const {
  std::vector<double> scores(classes);
  score(weights, features, scores);
  return static_cast<std::uint32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

double logistic_loss(const LogisticTask& task, std::span<const double> weights, std::span<double> gradient) {
  const std::size_t count = task.examples.size();
  const std::size_t width = task.examples.dimension + 1;
  check_internal(weights.size() == task.classes * width && gradient.size() == weights.size(),
                 "logistic weights of another shape");
  std::vector<std::vector<double>> parts(kParts);
  std::vector<double> losses(kParts);
  parallel_each(kParts, [&](std::size_t p) {
    parts[p].resize(gradient.size());
    losses[p] = sum_examples(task, weights, count * p / kParts, count * (p + 1) / kParts, parts[p]);
  });
  std::fill(gradient.begin(), gradient.end(), 0.0);
  double loss = 0;
  for (std::size_t p = 0; p < kParts; ++p) {
    loss += losses[p];
    for (std::size_t k = 0; k < gradient.size(); ++k) gradient[k] += parts[p][k];
  }
  double squares = 0;
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    gradient[k] /= static_cast<double>(count);
    if (k % width == width - 1) continue;
    gradient[k] += task.l2 * weights[k];
    squares += weights[k] * weights[k];
  }
  return loss / static_cast<double>(count) + task.l2 / 2 * squares;
}

LogisticFit fit_logistic(const LogisticTask& task, const MinimiseOptions& options) {
  check_internal(task.examples.size() > 0 && task.classes > 0, "logistic regression on nothing");
  const Objective objective = [&](std::span<const double> weights, std::span<double> gradient) {
    return logistic_loss(task, weights, gradient);
  };
  std::vector<double> start(task.classes * (task.examples.dimension + 1));
  Minimum minimum = minimise(objective, std::move(start), options);
  return {.model = {.classes = task.classes,
                    .dimension = task.examples.dimension,
                    .weights = std::move(minimum.point)},
          .loss = minimum.value,
          .gradient = minimum.gradient,
          .steps = minimum.steps,
          .converged = minimum.converged};
}

Standardiser::Standardiser(const Examples& examples)
    : means_(examples.dimension), scales_(examples.dimension) {
  const auto count = static_cast<double>(examples.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    for (std::size_t k = 0; k < means_.size(); ++k) means_[k] += examples.row(i)[k] / count;
  }
  for (std::size_t i = 0; i < examples.size(); ++i) {
    for (std::size_t k = 0; k < means_.size(); ++k) {
      const double off = examples.row(i)[k] - means_[k];
      scales_[k] += off * off / count;
    }
  }
  for (std::size_t k = 0; k < means_.size(); ++k) {
    const double deviation = std::sqrt(scales_[k]);
    scales_[k] = deviation > 1e-12 * std::abs(means_[k]) ? 1 / deviation : 0;
  }
}

void Standardiser::apply(Examples& examples) const {
  check_internal(examples.dimension == means_.size(), "a standardiser of another dimension");
  for (std::size_t i = 0; i < examples.features.size(); ++i) {
    const std::size_t k = i % means_.size();
    examples.features[i] = (examples.features[i] - means_[k]) * scales_[k];
  }
}

}  // namespace berta::wordvec
