#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models.h"

namespace berta::train {
namespace {

using testing::every_head;
using testing::every_loss;
using testing::small_batch;
using testing::small_configs;
using testing::small_model;

constexpr DropoutRates kRates{.hidden = 0.2, .attention = 0.3, .pooler = 0.1, .classifier = 0.2};

std::vector<at::Tensor> gradients(const TrainModel& model, const RunOptions& options, const Batch& batch) {
  for (const TrainParameter& parameter : model.parameters) parameter.tensor.mutable_grad() = at::Tensor();
  every_loss(model, options, batch);
  std::vector<at::Tensor> out;
  for (const TrainParameter& parameter : model.parameters) {
    const at::Tensor& gradient = parameter.tensor.grad();
    out.push_back(!gradient.defined() ? at::zeros_like(parameter.tensor)
                                      : (gradient.is_sparse() ? gradient.to_dense() : gradient));
  }
  return out;
}

/// The derivative of the loss along a random direction of one parameter, by central differences, against
/// autograd's.
void check_parameter(const TrainModel& model, const RunOptions& options, const Batch& batch,
                     std::size_t index, const at::Tensor& gradient) {
  const at::NoGradGuard no_gradients;
  const at::Tensor& tensor = model.parameters[index].tensor;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(index);
  const at::Tensor direction = at::randn(tensor.sizes(), generator, tensor.options());
  constexpr double kStep = 1e-5;
  tensor.add_(direction, kStep);
  const double above = every_loss(model, options, batch).item<double>();
  tensor.add_(direction, -2 * kStep);
  const double below = every_loss(model, options, batch).item<double>();
  tensor.add_(direction, kStep);
  const double numeric = (above - below) / (2 * kStep);
  const double found = (gradient * direction).sum().item<double>();
  EXPECT_NEAR(found, numeric, 1e-6 * std::max(1e-2, std::abs(numeric))) << model.parameters[index].name;
}

TEST(Gradient, OfEveryHeadAndVariantIsTheDerivative) {
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TrainModel model = small_model(config, every_head(at::kDouble));
    const Batch batch = small_batch(model.info.config);
    for (const bool plain : {false, true}) {
      const RunOptions options{.plain = plain, .dropout = kRates, .key = 5};
      const auto found = gradients(model, options, batch);
      for (std::size_t i = 0; i < model.parameters.size(); ++i)
        check_parameter(model, options, batch, i, found[i]);
    }
  }
}

TEST(Gradient, WhereTokensAreDroppedIsTheDerivative) {
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TrainModel model = small_model(config, every_head(at::kDouble));
    const Batch batch = small_batch(model.info.config, true);
    for (const bool plain : {false, true}) {
      const RunOptions options{.plain = plain, .dropout = kRates, .key = 5};
      const auto found = gradients(model, options, batch);
      for (std::size_t i = 0; i < model.parameters.size(); ++i)
        check_parameter(model, options, batch, i, found[i]);
    }
  }
}

TEST(Gradient, OfCheckpointedLayersIsTheSame) {
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TrainModel model = small_model(config, every_head(at::kFloat));
    const Batch batch = small_batch(model.info.config);
    const auto kept = gradients(model, {.dropout = kRates, .key = 5}, batch);
    const auto again = gradients(model, {.checkpointing = true, .dropout = kRates, .key = 5}, batch);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      EXPECT_TRUE(at::allclose(kept[i], again[i], 1e-4, 1e-6)) << model.parameters[i].name;
    }
  }
}

TEST(Gradient, OfFusedAndPlainFormsAgree) {
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TrainModel model = small_model(config, every_head(at::kDouble));
    for (const bool dropped : {false, true}) {
      const Batch batch = small_batch(model.info.config, dropped);
      const auto fused = gradients(model, {.dropout = kRates, .key = 9}, batch);
      const auto plain = gradients(model, {.plain = true, .dropout = kRates, .key = 9}, batch);
      for (std::size_t i = 0; i < fused.size(); ++i) {
        EXPECT_TRUE(at::allclose(fused[i], plain[i], 1e-9, 1e-12)) << model.parameters[i].name;
      }
    }
  }
}

/// Where a token stood decides, not how many are before it.
TEST(Forward, TokensThatStayKeepTheirPositions) {
  const at::NoGradGuard no_gradients;
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TrainModel model = small_model(config, every_head(at::kDouble));
    const Batch batch = small_batch(model.info.config, true);
    Batch renumbered = batch;
    renumbered.tokens.rows = {};
    for (std::size_t s = 0; s < batch.tokens.rows.sequences(); ++s)
      renumbered.tokens.rows.append(batch.tokens.rows.length(s));
    const at::Tensor kept = Forward(model, {}, batch).hidden();
    const at::Tensor moved = Forward(model, {}, renumbered).hidden();
    EXPECT_GT((kept - moved).abs().max().item<double>(), 1e-3);
    // [CLS] alone is where it was.
    EXPECT_TRUE(
        at::allclose(kept[batch.tokens.rows.starts[1]], moved[batch.tokens.rows.starts[1]], 0, 1e-12));
  }
}

/// As padding in the middle of a sequence is to Microsoft's and transformers' models.
TEST(Forward, ConvolutionReadsZerosWhereTokensWereDropped) {
  const at::NoGradGuard no_gradients;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{2});
  const auto draw = [&](at::IntArrayRef sizes) { return at::randn(sizes, generator, at::kDouble); };
  const model::ConvolutionWeights<TorchOps> w{.weight = draw({6, 3, 3}), .bias = draw({6}), .norm = {}};
  const model::Convolution shape{.kernel = 3, .groups = 2, .activation = model::Activation::tanh};
  const at::Tensor x = draw({9, 6});
  at::Tensor holes = x.clone();
  model::Rows whole, kept;
  whole.append(7), whole.append(2);
  kept.append(std::vector<std::int32_t>{0, 1, 4, 6}), kept.append(2);
  for (const std::int64_t dropped : {2, 3, 5}) holes[dropped].zero_();
  const std::vector<std::int32_t> rows = {0, 1, 4, 6, 7, 8};
  TorchOps ops({});
  const at::Tensor found = ops.convolve(ops.select(x, rows), w, shape, kept);
  EXPECT_TRUE(at::allclose(found, ops.select(ops.convolve(holes, w, shape, whole), rows), 0, 1e-12));
}

/// What is left out changes nothing else.
TEST(Forward, TheNeededRowsAreThoseOfAll) {
  const at::NoGradGuard no_gradients;
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TrainModel model = small_model(config, every_head(at::kDouble));
    const Batch batch = small_batch(model.info.config);
    const auto equal = [](const at::Tensor& a, const at::Tensor& b) {
      return at::allclose(a, b, 1e-12, 1e-12);
    };
    Forward all(model, {}, batch), first(model, {}, batch, NeededRows::first),
        picked(model, {}, batch, NeededRows::picked);
    EXPECT_TRUE(equal(all.sequence_logits(), first.sequence_logits()));
    EXPECT_TRUE(equal(all.mask_logits(), picked.mask_logits()));
    EXPECT_TRUE(equal(all.ops().select(all.token_logits(), batch.picked_rows), picked.token_logits()));
  }
}

TEST(Gradient, InBfloat16IsNearThatInFloat) {
  const std::string config = small_configs().front().second;
  const TrainModel model = small_model(config, every_head(at::kFloat));
  const Batch batch = small_batch(model.info.config);
  const auto wide = gradients(model, {}, batch);
  const auto narrow = gradients(model, {.bf16 = true}, batch);
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const double size = wide[i].norm().item<double>();
    EXPECT_LT((wide[i] - narrow[i]).norm().item<double>(), 0.05 * size + 1e-3) << model.parameters[i].name;
  }
}

}  // namespace
}  // namespace berta::train
