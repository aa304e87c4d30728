#include "train/optim/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace berta::train {
namespace {

TrainParameter parameter(const at::Tensor& values) {
  return {.name = "w", .tensor = values.clone().requires_grad_(true), .source = {}, .layer = 0};
}

/// Gradients that touch some rows.
at::Tensor rows_gradient(std::mt19937& random, std::int64_t rows, std::int64_t columns) {
  std::vector<std::int64_t> touched;
  for (std::int64_t i = 0; i < 4; ++i)
    touched.push_back(static_cast<std::int64_t>(random() % static_cast<unsigned>(rows)));
  const at::Tensor indexes = at::tensor(touched, at::kLong).unsqueeze(0);
  return at::sparse_coo_tensor(indexes, at::randn({4, columns}), {rows, columns});
}

TEST(Adam, ByRowsHasTheBitsOfTheDenseOne) {
  at::manual_seed(1);
  for (const bool bias_correction : {true, false}) {
    std::mt19937 random(5);
    const at::Tensor values = at::randn({40, 19});
    const std::vector<TrainParameter> dense = {parameter(values)}, sparse = {parameter(values)};
    const AdamOptions options{.weight_decay = 0.1, .bias_correction = bias_correction};
    Adam by_rows(sparse, options, 1), whole(dense, options, 1);
    for (int step = 0; step < 30; ++step) {
      const at::Tensor gradient = rows_gradient(random, 40, 19).coalesce();
      const double rate = 1e-2 / (1 + step);
      const auto read = static_cast<std::int32_t>(random() % 40);
      by_rows.catch_up(sparse[0].tensor, std::vector<std::int32_t>{read, read});
      EXPECT_TRUE(sparse[0].tensor[read].equal(dense[0].tensor[read])) << "step " << step;
      sparse[0].tensor.mutable_grad() = gradient;
      dense[0].tensor.mutable_grad() = gradient.to_dense();
      by_rows.step(rate, 0.5);
      whole.step(rate, 0.5);
    }
    EXPECT_FALSE(sparse[0].tensor.equal(dense[0].tensor)) << "no row was left behind: the test tests nothing";
    by_rows.catch_up_all();
    EXPECT_TRUE(sparse[0].tensor.equal(dense[0].tensor));
    // A dense gradient ends the time of rows.
    sparse[0].tensor.mutable_grad() = at::ones({40, 19});
    dense[0].tensor.mutable_grad() = at::ones({40, 19});
    by_rows.step(1e-3, 1);
    whole.step(1e-3, 1);
    EXPECT_TRUE(sparse[0].tensor.equal(dense[0].tensor));
  }
}

/// The published formulas, one number, in double.
double plain(const AdamOptions& options, bool decays, double x) {
  double m = 0, v = 0;
  for (int t = 1; t <= 5; ++t) {
    const double g = 0.3 * t - 1, lr = 0.01 * t;
    m = options.beta1 * m + (1 - options.beta1) * g;
    v = options.beta2 * v + (1 - options.beta2) * g * g;
    const double mean = options.bias_correction ? m / (1 - std::pow(options.beta1, t)) : m;
    const double square = options.bias_correction ? v / (1 - std::pow(options.beta2, t)) : v;
    x -= lr * (mean / (std::sqrt(square) + options.epsilon) + (decays ? options.weight_decay * x : 0));
  }
  return x;
}

TEST(Adam, FollowsTheFormulas) {
  for (const bool bias_correction : {true, false}) {
    const AdamOptions options{.epsilon = 1e-6, .weight_decay = 0.3, .bias_correction = bias_correction};
    for (const bool matrix : {true, false}) {
      const Shape shape = matrix ? Shape{3, 7} : Shape{21};
      const std::vector<TrainParameter> parameters = {parameter(at::full(shape, 0.7))};
      Adam adam(parameters, options, 1);
      for (int t = 1; t <= 5; ++t) {
        parameters[0].tensor.mutable_grad() = at::full(shape, 2 * (0.3 * t - 1));
        adam.step(0.01 * t, 0.5);
      }
      const double wanted = plain(options, matrix, 0.7);
      EXPECT_NEAR(parameters[0].tensor.max().item<double>(), wanted, 1e-6);
      EXPECT_NEAR(parameters[0].tensor.min().item<double>(), wanted, 1e-6);
    }
  }
}

TEST(Adam, RatesFallWithDepth) {
  std::vector<TrainParameter> parameters = {parameter(at::zeros({2, 2})), parameter(at::zeros({2, 2}))};
  parameters[1].layer = 3;
  Adam adam(parameters, {.layer_decay = 0.5}, 2);
  for (auto& p : parameters) p.tensor.mutable_grad() = at::ones({2, 2});
  EXPECT_NEAR(adam.gradient_norm(), std::sqrt(8.0), 1e-6);
  adam.step(0.8, 1);
  EXPECT_NEAR(parameters[0].tensor[0][0].item<double>(), -0.1, 1e-5);
  EXPECT_NEAR(parameters[1].tensor[0][0].item<double>(), -0.8, 1e-5);
}

}  // namespace
}  // namespace berta::train
