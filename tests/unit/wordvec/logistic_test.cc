#include "wordvec/logistic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/parallel.h"

namespace berta::wordvec {
namespace {

Examples small_set() {
  return {.dimension = 2,
          .features = {0.5, 1, 1.5, -1, -1, 0.3, 0.2, -0.7, 2, 0.1, -0.4, 1.2, -1.5, -0.5, 0.9, 0.9},
          .classes = {0, 1, 2, 0, 1, 0, 2, 1}};
}

double loss_at(const LogisticTask& task, const std::vector<double>& weights) {
  std::vector<double> gradient(weights.size());
  return logistic_loss(task, weights, gradient);
}

TEST(Minimise, TheRosenbrockValley) {
  const Objective valley = [](std::span<const double> x, std::span<double> g) {
    const double a = 1 - x[0];
    const double b = x[1] - x[0] * x[0];
    g[0] = -2 * a - 400 * x[0] * b;
    g[1] = 200 * b;
    return a * a + 100 * b * b;
  };
  const Minimum minimum = minimise(valley, {-1.2, 1});
  EXPECT_TRUE(minimum.converged);
  EXPECT_NEAR(minimum.point[0], 1, 1e-6);
  EXPECT_NEAR(minimum.point[1], 1, 1e-6);
  EXPECT_LE(minimum.gradient, 1e-7);
  EXPECT_LT(minimum.steps, 100u);
}

TEST(Minimise, StopsWhereItMayGoNoFurther) {
  const Objective slope = [](std::span<const double> x, std::span<double> g) {
    g[0] = -std::exp(-x[0]);  // no minimum
    return std::exp(-x[0]);
  };
  const Minimum minimum = minimise(slope, {0}, {.memory = 5, .max_steps = 3, .tolerance = 0});
  EXPECT_EQ(minimum.steps, 3u);
  EXPECT_FALSE(minimum.converged);
  const Objective broken = [](std::span<const double>, std::span<double> g) {
    g[0] = 1;
    return std::nan("");
  };
  EXPECT_FALSE(minimise(broken, {0}).converged);
}

TEST(Logistic, TheGradientIsThatOfTheLoss) {
  const Examples examples = small_set();
  const LogisticTask task{.examples = examples, .classes = 3, .l2 = 0.3};
  std::vector<double> weights = {0.3, -0.2, 0.1, 0.5, 0.4, -0.6, -0.1, 0.2, 0.05};
  std::vector<double> gradient(weights.size());
  logistic_loss(task, weights, gradient);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    constexpr double kStep = 1e-5;
    const double at = weights[k];
    weights[k] = at + kStep;
    const double above = loss_at(task, weights);
    weights[k] = at - kStep;
    const double below = loss_at(task, weights);
    weights[k] = at;
    EXPECT_NEAR(gradient[k], (above - below) / (2 * kStep), 1e-9) << k;
  }
}

TEST(Logistic, ZeroWeightsKnowNothing) {
  const Examples examples = small_set();
  EXPECT_NEAR(loss_at({.examples = examples, .classes = 3, .l2 = 1}, std::vector<double>(9)), std::log(3),
              1e-14);
}

TEST(Logistic, HugeScoresDoNotOverflow) {
  const Examples examples{.dimension = 1, .features = {1e6, -1e6}, .classes = {0, 1}};
  EXPECT_EQ(loss_at({.examples = examples, .classes = 2, .l2 = 0}, {1, 0, -1, 0}), 0);
  EXPECT_EQ(loss_at({.examples = examples, .classes = 2, .l2 = 0}, {-1, 0, 1, 0}), 2e6);
}

// scipy 1.17.1, minimize(BFGS) to a gradient of 3e-11.
TEST(Logistic, TheMinimumAsScipyFindsIt) {
  const Examples examples = small_set();
  const LogisticFit fit = fit_logistic({.examples = examples, .classes = 3, .l2 = 0.1});
  EXPECT_TRUE(fit.converged);
  EXPECT_LE(fit.gradient, 1e-7);
  EXPECT_NEAR(fit.loss, 0.6382830081568621, 1e-12);
  const std::vector<double> wanted = {-0.054330013359704346, 0.29689499027272426,   0.4672450475674038,
                                      1.2054407751990996,    -0.030631544694154637, -0.27281035617557825,
                                      -1.1511107618393952,   -0.26626344557856957,  -0.19443469139182581};
  ASSERT_EQ(fit.model.weights.size(), wanted.size());
  for (std::size_t k = 0; k < wanted.size(); ++k) EXPECT_NEAR(fit.model.weights[k], wanted[k], 1e-5) << k;
}

TEST(Logistic, SeparableClassesAreSeparated) {
  Examples examples{.dimension = 2, .features = {}, .classes = {}};
  for (int i = 0; i < 90; ++i) {
    const double angle = 2 * 3.14159265358979 * (i % 3) / 3 + 0.02 * (i / 3 - 15);
    examples.features.insert(examples.features.end(), {std::cos(angle), std::sin(angle)});
    examples.classes.push_back(static_cast<std::uint32_t>(i % 3));
  }
  const LogisticFit fit = fit_logistic({.examples = examples, .classes = 3, .l2 = 1e-4});
  EXPECT_TRUE(fit.converged);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    EXPECT_EQ(fit.model.classify(examples.row(i)), examples.classes[i]) << i;
  }
}

TEST(Logistic, StandardisedColumnsHaveMeanZeroAndVarianceOne) {
  Examples train{.dimension = 3, .features = {1, 5, 10, 3, 5, 30, 5, 5, 20}, .classes = {0, 0, 0}};
  Examples other{.dimension = 3, .features = {3, 6, 20}, .classes = {0}};
  const Standardiser standardiser(train);
  standardiser.apply(train);
  standardiser.apply(other);
  const double s = std::sqrt(1.5);
  const std::vector<double> wanted = {-s, 0, -s, 0, 0, s, s, 0, 0};
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(train.features[i], wanted[i], 1e-14) << i;
  for (const double value : other.features) EXPECT_NEAR(value, 0, 1e-14);
}

TEST(LogisticParallel, TheSameBitsWithAnyNumberOfThreads) {
  std::mt19937 random(1);
  Examples examples{.dimension = 5, .features = {}, .classes = {}};
  for (int i = 0; i < 700; ++i) {
    for (int k = 0; k < 5; ++k) examples.features.push_back(static_cast<double>(random() % 1000) / 500 - 1);
    examples.classes.push_back(random() % 4);
  }
  const LogisticTask task{.examples = examples, .classes = 4, .l2 = 1e-3};
  set_threads(1);
  const LogisticFit alone = fit_logistic(task);
  set_threads(3);
  EXPECT_EQ(fit_logistic(task).model.weights, alone.model.weights);
  set_threads(0);
}

}  // namespace
}  // namespace berta::wordvec
