#include "train/model/lora.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "core/error.h"
#include "models.h"
#include "runs.h"
#include "train/model/adapter_folder.h"

namespace berta::train {
namespace {

using io::error_of;
using io::TemporaryFolder;
using testing::every_head;
using testing::every_loss;
using testing::small_batch;
using testing::small_configs;
using testing::small_model;

std::string config_of(const std::string& wanted) {
  for (const auto& [name, config] : small_configs()) {
    if (name == wanted) return config;
  }
  throw InternalError("no such configuration");
}

const ModelPlan kClassifier{.heads = {.pooler = true, .classifier = true}, .seed = 7};

LoraSettings lora_of(const std::string& config) {
  LoraSettings settings{.rank = 3, .alpha = 12};
  if (config == "v1") settings.targets = {"dense", "pos_proj", "pos_q_proj"};
  if (config == "own_position_projections") settings.targets.push_back("pos_key_proj");
  if (config == "v3") settings.targets = {"key_proj", "query_proj", "value_proj", "intermediate.dense"};
  return settings;
}

/// A model whose adapters' B are not zero.
TrainModel adapted_model(const std::string& config, const LoraSettings& settings, const ModelPlan& plan) {
  TrainModel model = small_model(config, plan);
  add_adapters(model, settings, 5);
  const at::NoGradGuard no_gradients;
  std::uint64_t seed = 1;
  for (const TrainParameter& parameter : model.parameters) {
    if (parameter.name.ends_with("lora_B.weight"))
      parameter.tensor.normal_(0, 0.3, at::make_generator<at::CPUGeneratorImpl>(seed++));
  }
  return model;
}

at::Tensor logits_of(const TrainModel& model) {
  const at::NoGradGuard no_gradients;
  const Batch batch = small_batch(model.info.config);
  return Forward(model, {}, batch).sequence_logits();
}

TEST(Lora, TheGradientIsTheDerivativeAndFrozenWeightsHaveNone) {
  const DropoutRates rates{.hidden = 0.2, .attention = 0.1, .adapter = 0.3};
  for (const auto& [name, config] : small_configs()) {
    if (name == "absolute") continue;  // as the others
    for (const bool checkpointing : {false, true}) {
      SCOPED_TRACE(name);
      const TrainModel model = adapted_model(config, lora_of(name), every_head(at::kDouble));
      const Batch batch = small_batch(model.info.config);
      const RunOptions options{.checkpointing = checkpointing, .dropout = rates, .key = 5};
      every_loss(model, options, batch);
      for (const TrainParameter& parameter : model.frozen)
        EXPECT_FALSE(parameter.tensor.grad().defined()) << parameter.name;
      const at::NoGradGuard no_gradients;
      for (const TrainParameter& parameter : model.parameters) {
        ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
        if (!parameter.adapts) continue;
        const at::Tensor direction =
            at::randn(parameter.tensor.sizes(), at::make_generator<at::CPUGeneratorImpl>(1), at::kDouble);
        constexpr double kStep = 3e-6;
        parameter.tensor.add_(direction, kStep);
        const double above = every_loss(model, options, batch).item<double>();
        parameter.tensor.add_(direction, -2 * kStep);
        const double below = every_loss(model, options, batch).item<double>();
        parameter.tensor.add_(direction, kStep);
        const double numeric = (above - below) / (2 * kStep);
        EXPECT_NEAR((parameter.tensor.grad() * direction).sum().item<double>(), numeric,
                    1e-6 * std::max(1e-2, std::abs(numeric)))
            << parameter.name;
      }
    }
  }
}

TEST(Lora, ANewAdapterChangesNothing) {
  const TrainModel plain = small_model(config_of("v3"), kClassifier);
  TrainModel adapted = small_model(config_of("v3"), kClassifier);
  add_adapters(adapted, lora_of("v3"), 5);
  EXPECT_TRUE(at::equal(logits_of(plain), logits_of(adapted)));
  EXPECT_EQ(plain.count(), adapted.count());
  EXPECT_EQ(adapted.adapters.size(), 12u);  // four of each of three layers
  std::int64_t heads = 0;
  for (const TrainParameter& parameter : adapted.parameters) {
    heads += parameter.adapts ? 0 : parameter.tensor.numel();
    if (!parameter.name.ends_with("lora_A.weight")) continue;
    const double bound = 1 / std::sqrt(static_cast<double>(parameter.tensor.size(1)));
    EXPECT_LE(parameter.tensor.abs().max().item<double>(), bound);
    EXPECT_GT(parameter.tensor.abs().max().item<double>(), 0.7 * bound);
  }
  EXPECT_EQ(heads, 12 * 12 + 12 + 3 * 12 + 3);
  EXPECT_EQ(adapted.trained(), heads + 3 * (3 * (3 * 12 + 12 * 3) + (3 * 12 + 20 * 3)));
}

TEST(Lora, SavedWeightsHaveTheAdaptersInThem) {
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TemporaryFolder folder;
    const TrainModel model = adapted_model(config, lora_of(name), kClassifier);
    save_weights(folder.file("model.safetensors"), model, DType::f32);
    const TrainModel merged =
        load_model(folder.path(), kClassifier,
                   infer::read_new_config(io::parse_json(config, "config.json"), "config.json"));
    EXPECT_EQ(merged.count(), model.count());
    EXPECT_TRUE(merged.adapters.empty());
    EXPECT_TRUE(at::allclose(logits_of(merged), logits_of(model), 1e-5, 1e-5));
  }
}

TEST(Lora, AnAdapterFolderReadsBack) {
  for (const auto& [name, config] : small_configs()) {
    SCOPED_TRACE(name);
    const TemporaryFolder folder;
    const TrainModel model = adapted_model(config, lora_of(name), kClassifier);
    write_adapter(folder.file("adapter"), model, "ForSequenceClassification");
    TrainModel again = small_model(config, kClassifier);
    {
      const at::NoGradGuard no_gradients;  // the head is the adapter's
      again.weights.heads.classifier->weight.zero_();
    }
    add_adapters(again, {.targets = {"nothing"}, .adapter = folder.file("adapter")}, 99);
    EXPECT_EQ(again.lora.rank, 3);
    EXPECT_EQ(again.lora.targets, lora_of(name).targets);
    EXPECT_TRUE(at::equal(logits_of(model), logits_of(again)));
  }
}

TEST(Lora, AClassifierOfOtherLabelsStaysNew) {
  const TemporaryFolder folder;
  write_adapter(folder.file("adapter"), adapted_model(config_of("v3"), lora_of("v3"), kClassifier), "");
  std::string config = config_of("v3");
  config.replace(config.find(R"("num_labels": 3)"), 15, R"("num_labels": 4)");
  TrainModel model = small_model(config, kClassifier);
  const at::Tensor before = model.weights.heads.classifier->weight.detach().clone();
  add_adapters(model, {.adapter = folder.file("adapter")}, 5);
  EXPECT_TRUE(at::equal(model.weights.heads.classifier->weight, before));
}

TEST(Lora, RefusesWhatItCannotDo) {
  const auto adding = [](const std::string& name, const LoraSettings& settings) {
    return error_of([&] {
      TrainModel model = small_model(config_of(name), kClassifier);
      add_adapters(model, settings, 5);
    });
  };
  EXPECT_THAT(adding("v3", {.rank = 2, .targets = {"query_proj", "q_proj"}}),
              ::testing::AllOf(::testing::HasSubstr("dense, key_proj, query_proj, value_proj"),
                               ::testing::HasSubstr("found 'q_proj'")));
  EXPECT_THAT(adding("v3", {.rank = 2, .targets = {}}), ::testing::HasSubstr("expected some of dense"));
  EXPECT_THAT(adding("v1", {.rank = 2, .targets = {"in_proj"}}), ::testing::HasSubstr("joint matrix"));
  EXPECT_THAT(adding("v3", {.adapter = "/nowhere"}), ::testing::HasSubstr("adapter_config.json"));

  const TemporaryFolder folder;
  const std::string adapter = folder.file("adapter");
  write_adapter(adapter, adapted_model(config_of("v3"), lora_of("v3"), kClassifier), "");
  EXPECT_THAT(adding("v3", {.rank = 4, .adapter = adapter}), ::testing::HasSubstr("found 3"));
  const std::string config = io::read_all(adapter + "/adapter_config.json");
  const auto with = [&](const std::string& text) {
    std::ofstream(adapter + "/adapter_config.json") << "{" << text << ", " << config.substr(1);
    return adding("v3", {.adapter = adapter});
  };
  EXPECT_THAT(with(R"("use_dora": true)"), ::testing::HasSubstr("'use_dora'"));
  EXPECT_THAT(with(R"("rank_pattern": {"key_proj": 2})"), ::testing::HasSubstr("'rank_pattern'"));
  EXPECT_EQ(with(R"("use_dora": false, "rank_pattern": {}, "exclude_modules": null)"), "");
  // An adapter of another model: layers that are missing, and shapes that differ.
  std::string narrow = config_of("v3");
  narrow.replace(narrow.find(R"("intermediate_size": 20)"), 23, R"("intermediate_size": 16)");
  EXPECT_THAT(
      error_of([&] {
        TrainModel model = small_model(narrow, kClassifier);
        add_adapters(model, {.adapter = adapter}, 5);
      }),
      ::testing::HasSubstr("intermediate.dense.lora_B.weight': expected shape [16, 3], found [20, 3]"));
}

TEST(Lora, AResumedTrainingHasTheSameBits) {
  testing::expect_resumed_bits(
      [](FinetuneSettings& settings) {
        settings.lora.rank = 4;
        settings.lora.dropout = 0.1;
        settings.ema_decay = 0.5;
      },
      {"model.safetensors", "adapter/adapter_model.safetensors", "adapter/adapter_config.json"});
}

TEST(Lora, FrozenWeightsAreThoseOfTheBase) {
  const TemporaryFolder folder;
  FinetuneSettings settings = testing::short_run(folder, "out");
  settings.lora.rank = 4;
  testing::StopAfter never;
  finetune(settings, never);
  const io::Checkpoint base = io::Checkpoint::open(settings.model),
                       out = io::Checkpoint::open(settings.run.output);
  ASSERT_EQ(base.tensors().size(), out.tensors().size());
  for (const io::CheckpointTensor& tensor : out.tensors()) {
    const auto numbers = [](const io::CheckpointTensor& from) {
      std::vector<float> values(static_cast<std::size_t>(from.view.size()));
      convert(from.view, 0, std::span(values));
      return values;
    };
    const bool changes = tensor.name.ends_with("query_proj.weight") ||
                         tensor.name.ends_with("value_proj.weight") || tensor.name.starts_with("pooler.") ||
                         tensor.name.starts_with("classifier.");
    EXPECT_EQ(numbers(tensor) != numbers(*base.find(tensor.name)), changes) << tensor.name;
  }
}

}  // namespace
}  // namespace berta::train
