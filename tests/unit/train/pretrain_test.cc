#include "train/pretrain/pretrain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "pretraining.h"
#include "train/objectives/discriminator.h"
#include "train/objectives/masked_model.h"
#include "train/objectives/pretrain_models.h"

namespace berta::train {
namespace {

using corpus::testing::sentiment;
using io::error_of;
using io::read_all;
using ::testing::HasSubstr;
using testing::QuietWatcher;
using testing::tensor_of;
using testing::Workshop;

constexpr const char* kWord = "deberta.embeddings.word_embeddings.weight";

PretrainSettings rtd_settings(const Workshop& workshop, EmbeddingSharing sharing, const std::string& output) {
  PretrainSettings settings = workshop.settings(Objective::rtd, output);
  settings.sharing = sharing;
  return settings;
}

/// The gradients that a discriminator's backward pass leaves on the two word embeddings.
struct WordGradients {
  at::Tensor generator, discriminator;
};

WordGradients word_gradients(const PretrainSettings& settings) {
  RtdModels models = rtd_models(settings, sentiment());
  const at::Tensor given = models.generator.weights.encoder.embeddings.word;
  const at::Tensor own = models.discriminator.weights.encoder.embeddings.word;
  Discriminator discriminator(settings, std::move(models.discriminator), given, 6);
  const MaskedBatches batches(settings, sentiment());
  const MaskedBatch batch = batches.batch(0);
  std::vector<std::int32_t> drawn(batch.labels.begin(), batch.labels.end());
  drawn.front() = 77;
  discriminator.backward(batch, drawn, 1, 1);
  return {given.grad(), own.grad()};
}

bool is_there(const at::Tensor& gradient) {
  return gradient.defined() && gradient.to_dense().abs().max().item<double>() > 0;
}

TEST(EmbeddingSharing, DecidesWhomTheDiscriminatorTeaches) {
  const Workshop workshop;
  PretrainSettings settings = rtd_settings(workshop, EmbeddingSharing::gdes, "out");
  const auto gdes = word_gradients(settings);
  EXPECT_FALSE(gdes.generator.defined());
  EXPECT_TRUE(is_there(gdes.discriminator));
  settings.sharing = EmbeddingSharing::none;
  const auto none = word_gradients(settings);
  EXPECT_FALSE(none.generator.defined());
  EXPECT_TRUE(is_there(none.discriminator));
  settings.sharing = EmbeddingSharing::es;
  settings.decoupled = false;
  EXPECT_TRUE(is_there(word_gradients(settings).generator));
  settings.decoupled = true;  // Microsoft's trainer drops it
  const auto dropped = word_gradients(settings);
  EXPECT_FALSE(dropped.generator.defined());
  EXPECT_FALSE(dropped.discriminator.defined());
}

TEST(EmbeddingSharing, SharesOneTableOrKeepsTwo) {
  const Workshop workshop;
  const auto words = [&](EmbeddingSharing sharing) {
    const RtdModels models = rtd_models(rtd_settings(workshop, sharing, "out"), sentiment());
    return std::pair(models.generator.weights.encoder.embeddings.word,
                     models.discriminator.weights.encoder.embeddings.word);
  };
  const auto [given, difference] = words(EmbeddingSharing::gdes);
  EXPECT_EQ(difference.abs().max().item<double>(), 0);
  const auto [first, second] = words(EmbeddingSharing::es);
  EXPECT_EQ(first.data_ptr(), second.data_ptr());
  const auto [mine, other] = words(EmbeddingSharing::none);
  EXPECT_FALSE(mine.equal(other));
  EXPECT_GT(other.abs().max().item<double>(), 0);
}

/// The models that a run leaves, file by file.
std::map<std::string, std::string> models_in(const std::string& output) {
  std::map<std::string, std::string> out;
  for (const char* part : {"", "generator/", "discriminator/"}) {
    const std::string path = output + "/" + part + "model.safetensors";
    if (std::filesystem::exists(path)) out[part] = read_all(path);
  }
  return out;
}

void check_resumed(const Workshop& workshop, PretrainSettings settings, const std::string& name) {
  SCOPED_TRACE(name);
  QuietWatcher patient, hasty(3);
  settings.run.output = workshop.file(name + "-whole");
  EXPECT_FALSE(pretrain(settings, patient).stopped);
  const auto whole = models_in(settings.run.output);
  ASSERT_EQ(whole.size(), settings.objective == Objective::rtd ? 2U : 1U);
  settings.run.output = workshop.file(name + "-parts");
  const TrainOutcome first = pretrain(settings, hasty);
  EXPECT_TRUE(first.stopped);
  EXPECT_EQ(first.steps, 3);
  EXPECT_TRUE(models_in(settings.run.output).empty());
  settings.run.resume = true;
  EXPECT_EQ(pretrain(settings, patient).steps, 6);
  EXPECT_EQ(models_in(settings.run.output), whole);
  EXPECT_FALSE(std::filesystem::exists(settings.run.output + "/checkpoint"));
}

TEST(Pretrain, AResumedTrainingHasTheBitsOfAWholeOne) {
  const Workshop workshop;
  check_resumed(workshop, workshop.settings(Objective::mlm, ""), "mlm");
  check_resumed(workshop, rtd_settings(workshop, EmbeddingSharing::gdes, ""), "gdes");
  PretrainSettings es = rtd_settings(workshop, EmbeddingSharing::es, "");
  es.optimizer.kind = Optimizer::adamw;
  check_resumed(workshop, es, "es");
  es.decoupled = false;
  es.run.accumulation = 2;
  check_resumed(workshop, es, "es-together");
}

TEST(Pretrain, AResumedTrainingThatDropsTokensHasTheBitsOfAWholeOne) {
  const Workshop workshop;
  PretrainSettings mlm = workshop.settings(Objective::mlm, "");
  mlm.token_drop = 0.25;
  check_resumed(workshop, mlm, "mlm");
  PretrainSettings rtd = rtd_settings(workshop, EmbeddingSharing::gdes, "");
  rtd.token_drop = 0.5;
  rtd.run.accumulation = 2;
  check_resumed(workshop, rtd, "rtd");
}

TEST(Pretrain, RefusesToResumeWithOtherSettings) {
  const Workshop workshop;
  PretrainSettings settings = rtd_settings(workshop, EmbeddingSharing::gdes, "out");
  QuietWatcher hasty(1), patient;
  EXPECT_TRUE(pretrain(settings, hasty).stopped);
  settings.run.resume = true;
  const auto refused = [&](auto change) {
    PretrainSettings other = settings;
    change(other);
    return error_of([&] { pretrain(other, patient); });
  };
  EXPECT_THAT(refused([](auto& s) { s.sharing = EmbeddingSharing::es; }),
              HasSubstr("embedding_sharing 'gdes'; to resume it expected the same, found 'es'"));
  EXPECT_THAT(refused([](auto& s) { s.optimizer.learning_rate = 0.5; }),
              HasSubstr("learning_rate '0.01'; to resume it expected the same, found '0.5'"));
  EXPECT_THAT(refused([](auto& s) { s.run.seed = 1; }), HasSubstr("seed '42'"));
  EXPECT_THAT(refused([](auto& s) { s.mask_rate = 0.2; }), HasSubstr("mask_rate '0.15'"));
  EXPECT_THAT(refused([](auto& s) { s.token_drop = 0.2; }),
              HasSubstr("token_drop '0'; to resume it expected the same, found '0.2'"));
}

TEST(Pretrain, AGdesDiscriminatorIsSavedWithTheSumOfBothTables) {
  const Workshop workshop;
  PretrainSettings settings = rtd_settings(workshop, EmbeddingSharing::gdes, "out");
  settings.run.max_steps = 1;
  settings.dump_step = workshop.file("step");
  QuietWatcher watcher;
  pretrain(settings, watcher);
  const std::string generator = settings.run.output + "/generator",
                    discriminator = settings.run.output + "/discriminator";
  const at::Tensor given = tensor_of(settings.dump_step, std::string("generator.weight.") + kWord);
  const at::Tensor difference = tensor_of(settings.dump_step, std::string("discriminator.weight.") + kWord);
  EXPECT_GT(difference.abs().max().item<double>(), 1e-3);
  EXPECT_TRUE(tensor_of(generator + "/model.safetensors", kWord).equal(given));
  EXPECT_TRUE(tensor_of(discriminator + "/model.safetensors", kWord).equal(given + difference));
  settings.config.clear();
  settings.model = discriminator;
  settings.generator = generator;
  const RtdModels again = rtd_models(settings, sentiment());
  EXPECT_TRUE(again.generator.weights.encoder.embeddings.word.equal(given));
  EXPECT_TRUE(at::allclose(again.discriminator.weights.encoder.embeddings.word, difference, 0, 1e-7));
}

TEST(Pretrain, AnEsDiscriminatorIsSavedWithTheGeneratorsTable) {
  const Workshop workshop;
  for (const bool decoupled : {true, false}) {
    PretrainSettings settings = rtd_settings(workshop, EmbeddingSharing::es, decoupled ? "out" : "together");
    settings.run.max_steps = 2;
    settings.decoupled = decoupled;
    QuietWatcher watcher;
    pretrain(settings, watcher);
    EXPECT_TRUE(tensor_of(settings.run.output + "/discriminator/model.safetensors", kWord)
                    .equal(tensor_of(settings.run.output + "/generator/model.safetensors", kWord)));
  }
}

TEST(Pretrain, LearnsToFillGaps) {
  const Workshop workshop;
  PretrainSettings settings = workshop.settings(Objective::mlm, "mlm");
  settings.run.max_steps = 60;
  settings.run.log_every = 20;
  QuietWatcher watcher;
  const TrainOutcome outcome = pretrain(settings, watcher);
  EXPECT_LT(outcome.loss, 6.5) << "uniform would be " << std::log(8001.0);
  EXPECT_FALSE(outcome.metrics.empty());
}

TEST(Pretrain, DropsTokensInTrainingOnly) {
  const Workshop workshop;
  PretrainSettings settings = workshop.settings(Objective::mlm, "out");
  settings.run.max_steps = 1;
  settings.token_drop = 0.5;
  settings.dump_step = workshop.file("step");
  QuietWatcher watcher;
  pretrain(settings, watcher);
  const at::Tensor positions = tensor_of(settings.dump_step, "batch0.positions"),
                   starts = tensor_of(settings.dump_step, "batch0.starts");
  EXPECT_EQ(positions.size(0), starts[3].item<std::int64_t>());
  EXPECT_GE(positions.size(0), 3 * (14 - 6));
  EXPECT_LE(positions.size(0), 3 * (14 - 6 + 1));       // one more where all gaps would go
  EXPECT_EQ(positions.max().item<std::int64_t>(), 13);  // [SEP] where it stood
  // What is held out is whole: at a rate of nothing, the same figure with and without.
  settings.dump_step.clear();
  settings.optimizer.learning_rate = 1e-30;
  settings.run.output = workshop.file("dropped");
  const double dropped = pretrain(settings, watcher).metrics.front().value;
  settings.token_drop = 0;
  settings.run.output = workshop.file("whole");
  EXPECT_EQ(pretrain(settings, watcher).metrics.front().value, dropped);
}

TEST(Pretrain, WantsBothModelsToGoOnWithRtd) {
  const Workshop workshop;
  PretrainSettings settings = rtd_settings(workshop, EmbeddingSharing::gdes, "out");
  settings.model = workshop.file("somewhere");
  EXPECT_THAT(error_of([&] { rtd_models(settings, sentiment()); }),
              HasSubstr("expected both --model (the discriminator) and --generator, found one"));
}

}  // namespace
}  // namespace berta::train
