#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "models.h"
#include "train/objectives/tied_loss.h"

// The losses of pretraining in double, against numeric derivatives.
namespace berta::train {
namespace {

using testing::small_batch;
using testing::small_configs;
using testing::small_model;

constexpr DropoutRates kRates{.hidden = 0.2, .attention = 0.3, .pooler = 0, .classifier = 0};

/// The loss; its gradients too, where gradients are on.
using Loss = std::function<double()>;

/// What one backward pass gives each parameter, along a random direction, is the derivative.
void check_parameters(const Loss& loss, const TrainModel& model) {
  for (const TrainParameter& parameter : model.parameters) parameter.tensor.mutable_grad() = at::Tensor();
  loss();
  const at::NoGradGuard no_gradients;
  for (const TrainParameter& parameter : model.parameters) {
    const at::Tensor& leaf = parameter.tensor;
    ASSERT_TRUE(leaf.grad().defined()) << parameter.name;
    const at::Tensor gradient = leaf.grad().is_sparse() ? leaf.grad().to_dense() : leaf.grad();
    auto generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{parameter.name.size()});
    const at::Tensor direction = at::randn(leaf.sizes(), generator, at::kDouble);
    constexpr double kStep = 1e-5;
    leaf.add_(direction, kStep);
    const double above = loss();
    leaf.add_(direction, -2 * kStep);
    const double below = loss();
    leaf.add_(direction, kStep);
    const double numeric = (above - below) / (2 * kStep);
    EXPECT_NEAR((gradient * direction).sum().item<double>(), numeric,
                1e-6 * std::max(1e-2, std::abs(numeric)))
        << parameter.name;
  }
}

TEST(PretrainingLoss, OfMasksThroughTheDecoderHasItsDerivatives) {
  for (const auto& [name, config] : small_configs()) {
    if (name != "v3" && name != "v2_convolution" && name != "v1") continue;
    SCOPED_TRACE(name);
    const TrainModel model =
        small_model(config, {.heads = {.language_model = true, .microsoft_language_model = true},
                             .with_positions = true,
                             .type = at::kDouble});
    const Batch batch = small_batch(model.info.config);
    const at::Tensor& table = model.weights.encoder.embeddings.word;
    const at::Tensor labels = at::arange(static_cast<std::int64_t>(batch.picked_rows.size()), at::kLong);
    const Loss loss = [&] {
      Forward forward(model, {.dropout = kRates, .key = 5, .by_rows = table}, batch, NeededRows::masked);
      TiedLossFacts facts;
      const at::Tensor value = tied_loss({.features = forward.mask_features(),
                                          .table = table,
                                          .bias = model.weights.heads.language_model->bias,
                                          .labels = labels},
                                         std::nullopt, facts);
      if (at::GradMode::is_enabled()) value.backward();
      return value.item<double>();
    };
    check_parameters(loss, model);
  }
}

TEST(PretrainingLoss, OfReplacedTokensHasItsDerivativesWithEachSharing) {
  const std::string config = small_configs().front().second;
  const TrainModel model = small_model(config, {.heads = {.replaced_token = true}, .type = at::kDouble});
  const Batch batch = small_batch(model.info.config);
  const at::Tensor& own = model.weights.encoder.embeddings.word;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{4});
  const at::Tensor given = at::randn(own.sizes(), generator, at::kDouble).mul(0.3).requires_grad_(true);
  const auto rows = static_cast<std::int64_t>(batch.tokens.ids.size());
  const at::Tensor targets = at::arange(rows, at::kDouble).remainder(2);
  SharedTable shared;
  const Loss loss = [&] {
    Forward forward(model, {.dropout = kRates, .key = 5, .by_rows = own, .shared = shared}, batch);
    const at::Tensor value = at::binary_cross_entropy_with_logits(forward.replaced_token_logits(), targets);
    if (at::GradMode::is_enabled()) value.backward();
    return value.item<double>();
  };
  const double plain = loss();
  check_parameters(loss, model);
  shared = {.difference = own, .given = given};
  EXPECT_GT(std::abs(loss() - plain), 1e-3) << "the given table was not added";
  check_parameters(loss, model);
  EXPECT_FALSE(given.grad().defined());
}

}  // namespace
}  // namespace berta::train
