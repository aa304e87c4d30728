#include "train/objectives/sift.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models.h"
#include "runs.h"

namespace berta::train {
namespace {

using testing::every_head;
using testing::small_batch;
using testing::small_configs;
using testing::small_model;

constexpr SiftSettings kSettings{.weight = 2, .step = 0.1, .start = 0.2};

at::Tensor random_rows(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  return at::randn({rows, columns}, at::make_generator<at::CPUGeneratorImpl>(seed), at::kDouble);
}

SiftBatch sift_batch(const TrainModel& model, const Batch& batch, const RunOptions& options) {
  return {.model = model,
          .batch = batch,
          .needed = NeededRows::all,
          .options = options,
          .distributions = [](Forward& forward) { return forward.token_logits(); }};
}

void drop_gradients(const TrainModel& model) {
  for (const TrainParameter& parameter : model.parameters) parameter.tensor.mutable_grad() = at::Tensor();
}

/// The loss of the clean pass and SiFT's, and their gradients in the parameters.
double step(const TrainModel& model, const Batch& batch, const RunOptions& options) {
  drop_gradients(model);
  Forward clean(model, options, batch);
  const at::Tensor logits = clean.token_logits();
  Sift sift(kSettings, sift_batch(model, batch, options));
  const at::Tensor loss = at::square(logits).mean() + kSettings.weight * sift.loss(logits);
  loss.backward();
  return loss.item<double>();
}

TEST(Sift, TheDivergenceIsBothCrossEntropies) {
  const at::Tensor p = random_rows(3, 4, 1), q = random_rows(3, 4, 2);
  const at::Tensor found = divergence(p, q);
  for (std::int64_t row = 0; row < 3; ++row) {
    double p_sum = 0, q_sum = 0, expected = 0;
    for (std::int64_t i = 0; i < 4; ++i) {
      p_sum += std::exp(p[row][i].item<double>());
      q_sum += std::exp(q[row][i].item<double>());
    }
    for (std::int64_t i = 0; i < 4; ++i) {
      const double a = std::exp(p[row][i].item<double>()) / p_sum;
      const double b = std::exp(q[row][i].item<double>()) / q_sum;
      expected -= a * std::log(b) + b * std::log(a);
    }
    EXPECT_NEAR(found[row].item<double>(), expected, 1e-12);
  }
}

TEST(Sift, ScoresAreComparedBySquares) {
  const at::Tensor p = random_rows(3, 1, 1), q = random_rows(3, 1, 2);
  EXPECT_TRUE(at::allclose(divergence(p, q), (p - q).pow(2).view(-1)));
}

TEST(Sift, TheFirstPerturbationIsAClampedNormalOfItsKey) {
  const at::Tensor delta = first_perturbation(400, 50, 0.1, 9);
  EXPECT_TRUE(at::equal(delta, first_perturbation(400, 50, 0.1, 9)));
  EXPECT_FALSE(at::equal(delta, first_perturbation(400, 50, 0.1, 10)));
  EXPECT_EQ(delta.max().item<double>(), 0.2);
  EXPECT_EQ(delta.min().item<double>(), -0.2);
  EXPECT_NEAR(delta.mean().item<double>(), 0, 0.003);
  // Of a normal clamped at two deviations: 0.9205.
  EXPECT_NEAR(delta.square().mean().item<double>(), 0.9205 * 0.01, 3e-4);
}

TEST(Sift, TheStepIsMeasuredByTheLargestOfARow) {
  const at::Tensor delta = random_rows(2, 3, 1), gradient = random_rows(2, 3, 2);
  const at::Tensor found = climbed(delta, gradient, 0.5);
  for (std::int64_t row = 0; row < 2; ++row) {
    double largest = 0;
    for (std::int64_t i = 0; i < 3; ++i)
      largest = std::max(largest, std::abs(gradient[row][i].item<double>()));
    for (std::int64_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(found[row][i].item<double>(),
                  delta[row][i].item<double>() + 0.5 * gradient[row][i].item<double>() / (1e-6 + largest),
                  1e-14);
    }
  }
}

TEST(Sift, AGradientThatIsNotFiniteMovesNothing) {
  const at::Tensor delta = random_rows(2, 3, 1), gradient = random_rows(2, 3, 2);
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    gradient[1][2] = bad;
    EXPECT_TRUE(at::equal(climbed(delta, gradient, 0.5), delta));
  }
}

/// The gradient that the ascent climbs.
at::Tensor ascent(const TrainModel& model, const Batch& batch, const at::Tensor& clean,
                  const at::Tensor& start) {
  const at::Tensor delta = start.detach().requires_grad_();
  Forward pass(model, {.perturbation = {.normalise = true, .delta = delta}}, batch);
  divergence(pass.token_logits(), clean).sum().backward();
  return delta.grad();
}

/// What the gradient is the derivative of: the loss with the perturbed rows and the probabilities held at the
/// values that they had.
struct Held {
  at::Tensor delta, clean, perturbed;
  at::Tensor clean_probabilities, perturbed_probabilities;
};

at::Tensor logits_of(const TrainModel& model, const Batch& batch, const at::Tensor& delta) {
  return Forward(model, {.perturbation = {.normalise = true, .delta = delta}}, batch).token_logits();
}

Held held(const TrainModel& model, const Batch& batch) {
  Held held;
  {
    const at::NoGradGuard no_gradients;
    held.clean = logits_of(model, batch, {});
  }
  const Sift sift(kSettings, sift_batch(model, batch, {.perturbation = {.normalise = true, .delta = {}}}));
  held.delta = climbed(sift.start(), ascent(model, batch, held.clean, sift.start()), kSettings.step);
  const at::NoGradGuard no_gradients;
  held.perturbed = logits_of(model, batch, held.delta);
  held.clean_probabilities = at::softmax(held.clean, 1);
  held.perturbed_probabilities = at::softmax(held.perturbed, 1);
  return held;
}

/// `embeds`: the changed parameter stands before the perturbation, where the perturbed pass has no gradient.
double surrogate(const TrainModel& model, const Batch& batch, const Held& held, bool embeds) {
  const at::Tensor clean = logits_of(model, batch, {});
  const at::Tensor perturbed = embeds ? held.perturbed : logits_of(model, batch, held.delta);
  const at::Tensor cross = held.clean_probabilities * at::log_softmax(perturbed, 1) +
                           held.perturbed_probabilities * at::log_softmax(clean, 1);
  return (at::square(clean).mean() - kSettings.weight * cross.sum(1).mean()).item<double>();
}

bool stands_before(const std::string& name) {
  return name.find("embeddings.") != std::string::npos && name.find("_embeddings.") != std::string::npos &&
         name.find("rel_embeddings") == std::string::npos;
}

TEST(Sift, TheGradientIsTheDerivative) {
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TrainModel model = small_model(config, every_head(at::kDouble));
    const Batch batch = small_batch(model.info.config);
    const Held at_start = held(model, batch);
    const double loss = step(model, batch, {.perturbation = {.normalise = true, .delta = {}}});
    const at::NoGradGuard no_gradients;
    EXPECT_NEAR(loss, surrogate(model, batch, at_start, false), 1e-12);
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
      const TrainParameter& parameter = model.parameters[i];
      if (!parameter.tensor.grad().defined()) continue;  // of another head
      const at::Tensor gradient = parameter.tensor.grad().to_dense();
      const at::Tensor direction = at::randn(
          parameter.tensor.sizes(), at::make_generator<at::CPUGeneratorImpl>(i), parameter.tensor.options());
      constexpr double kStep = 3e-6;
      const bool embeds = stands_before(parameter.name);
      parameter.tensor.add_(direction, kStep);
      const double above = surrogate(model, batch, at_start, embeds);
      parameter.tensor.add_(direction, -2 * kStep);
      const double below = surrogate(model, batch, at_start, embeds);
      parameter.tensor.add_(direction, kStep);
      const double numeric = (above - below) / (2 * kStep);
      EXPECT_NEAR((gradient * direction).sum().item<double>(), numeric,
                  1e-6 * std::max(1e-2, std::abs(numeric)))
          << parameter.name;
    }
  }
}

TEST(Sift, TheAscentFollowsTheDerivative) {
  const TrainModel model = small_model(small_configs().front().second, every_head(at::kDouble));
  const Batch batch = small_batch(model.info.config);
  const at::Tensor clean = logits_of(model, batch, {}).detach();
  const at::Tensor start = first_perturbation(static_cast<std::int64_t>(batch.tokens.ids.size()), 12, 0.2, 1);
  const at::Tensor gradient = ascent(model, batch, clean, start);
  const at::NoGradGuard no_gradients;
  // The other cross-entropy's factor that depends on the perturbation counts as a constant.
  const auto sum = [&](const at::Tensor& delta) {
    return -(at::softmax(clean, 1) * at::log_softmax(logits_of(model, batch, delta), 1)).sum().item<double>();
  };
  const at::Tensor direction = random_rows(start.size(0), start.size(1), 4);
  constexpr double kStep = 1e-5;
  const double numeric = (sum(start + kStep * direction) - sum(start - kStep * direction)) / (2 * kStep);
  EXPECT_NEAR((gradient * direction).sum().item<double>(), numeric, 1e-6 * std::abs(numeric));
}

TEST(Sift, TheAscentLeavesTheModelAlone) {
  for (const bool checkpointing : {false, true}) {
    const TrainModel model = small_model(small_configs().front().second, every_head(at::kDouble));
    const Batch batch = small_batch(model.info.config);
    const RunOptions options{.checkpointing = checkpointing,
                             .perturbation = {.normalise = true, .delta = {}}};
    Forward clean(model, options, batch);
    Sift sift(kSettings, sift_batch(model, batch, options));
    const at::Tensor loss = sift.loss(clean.token_logits());
    for (const TrainParameter& parameter : model.parameters) {
      EXPECT_FALSE(parameter.tensor.grad().defined()) << parameter.name;
      EXPECT_TRUE(parameter.tensor.requires_grad()) << parameter.name;
    }
    EXPECT_TRUE(loss.requires_grad());
  }
}

TEST(Sift, CheckpointedLayersChangeNothingAndTheKeyDoes) {
  const TrainModel model = small_model(small_configs().front().second, every_head(at::kDouble));
  const Batch batch = small_batch(model.info.config);
  RunOptions options{.dropout = {.hidden = 0.1, .attention = 0.1},
                     .key = 3,
                     .perturbation = {.normalise = true, .delta = {}}};
  const double kept = step(model, batch, options);
  std::vector<at::Tensor> gradients;
  for (const TrainParameter& parameter : model.parameters) gradients.push_back(parameter.tensor.grad());
  options.checkpointing = true;
  EXPECT_NEAR(step(model, batch, options), kept, 1e-12);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined()) continue;
    EXPECT_TRUE(
        at::allclose(gradients[i].to_dense(), model.parameters[i].tensor.grad().to_dense(), 1e-9, 1e-12))
        << model.parameters[i].name;
  }
  EXPECT_EQ(step(model, batch, options), step(model, batch, options));
  options.key = 4;
  EXPECT_NE(step(model, batch, options), kept);
}

TEST(Sift, AResumedTrainingHasTheSameBits) {
  testing::expect_resumed_bits(
      [](FinetuneSettings& settings) {
        settings.sift = {.weight = 2, .step = 1e-2, .start = 1e-1};
        settings.run.accumulation = 2;
      },
      {"model.safetensors"});
}

}  // namespace
}  // namespace berta::train
