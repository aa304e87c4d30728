// What a dry run says: sizes, memory by shapes, and that it leaves no trace.
#include "train/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "pretraining.h"
#include "runs.h"
#include "train/finetune/finetune_trainee.h"
#include "train/pretrain/pretrain.h"

namespace berta::train {
namespace {

using testing::short_run;
using testing::StopAfter;

const PlanFact& fact(const TrainPlan& plan, const std::string& name) {
  for (const PlanFact& one : plan.facts) {
    if (one.name == name) return one;
  }
  throw InternalError("no fact " + name);
}
double number(const TrainPlan& plan, const std::string& name) {
  return fact(plan, name).number;
}

TEST(Plan, SaysWhatATrainingWouldDoAndWritesNothing) {
  const io::TemporaryFolder folder;
  FinetuneSettings settings = short_run(folder, "out");
  settings.dev = settings.train;
  settings.run.max_steps = 0;
  settings.epochs = 4;
  settings.dump_step = folder.file("dump");
  StopAfter never;
  const TrainPlan plan = plan_finetuning(settings, never);
  EXPECT_EQ(number(plan, "examples"), 6);
  EXPECT_EQ(number(plan, "examples_to_evaluate"), 6);
  EXPECT_EQ(number(plan, "steps"), 12);
  EXPECT_EQ(number(plan, "batch_size"), 2);
  EXPECT_DOUBLE_EQ(number(plan, "tokens_a_step") * 3, number(plan, "tokens_an_epoch"));
  EXPECT_GE(number(plan, "tokens_of_the_largest_batch"), number(plan, "tokens_a_step"));
  EXPECT_EQ(fact(plan, "learning_rate").text, "0.001");
  EXPECT_EQ(number(plan, "memory_weights"), 4 * number(plan, "parameters"));
  EXPECT_EQ(number(plan, "memory_moments"), 8 * number(plan, "parameters_trained"));
  EXPECT_GT(number(plan, "time_training"), 0);
  EXPECT_GT(number(plan, "time_evaluation"), 0);
  EXPECT_THAT(plan.files, ::testing::Contains(settings.run.output + "/dev_predictions.csv"));
  EXPECT_FALSE(std::filesystem::exists(settings.run.output));
  EXPECT_FALSE(std::filesystem::exists(settings.dump_step));

  // All that a training writes was said, but for what it copies of the tokenizer and TensorBoard's events.
  settings.dump_step.clear();
  finetune(settings, never);
  for (const std::string& file : plan.files) EXPECT_TRUE(std::filesystem::exists(file)) << file;
}

TEST(Plan, OfSeveralTrainingsItCountsAll) {
  const io::TemporaryFolder folder;
  FinetuneSettings settings = short_run(folder, "out");
  settings.folds = 3;
  StopAfter never;
  const TrainPlan plan = plan_finetuning(settings, never);
  EXPECT_EQ(number(plan, "trainings"), 3);
  EXPECT_EQ(number(plan, "examples"), 4);
  EXPECT_THAT(plan.files, ::testing::IsSupersetOf({settings.run.output + "/fold-3/model.safetensors",
                                                   settings.run.output + "/out_of_fold.csv"}));
  EXPECT_FALSE(std::filesystem::exists(settings.run.output));
}

TEST(Plan, OfPretrainingItCountsBothModels) {
  const testing::Workshop workshop;
  testing::QuietWatcher watcher;
  const PretrainSettings settings = workshop.settings(Objective::rtd, "out");
  const TrainPlan plan = plan_pretraining(settings, watcher);
  EXPECT_EQ(number(plan, "tokens_a_step"), 3 * 14);
  EXPECT_EQ(number(plan, "steps"), 6);
  const double both =
      number(plan, "parameters_of_the_generator") + number(plan, "parameters_of_the_discriminator");
  EXPECT_EQ(number(plan, "memory_weights"), 4 * both);
  EXPECT_GT(number(plan, "time_training"), 0);
  EXPECT_FALSE(std::filesystem::exists(settings.run.output));
  pretrain(settings, watcher);
  for (const std::string& file : plan.files) EXPECT_TRUE(std::filesystem::exists(file)) << file;
}

TEST(Plan, OfPretrainingKnowsThatTokensAreDropped) {
  const testing::Workshop workshop;
  testing::QuietWatcher watcher;
  PretrainSettings settings = workshop.settings(Objective::mlm, "out");
  settings.run.accumulation = 2;
  const TrainPlan whole = plan_pretraining(settings, watcher);
  settings.token_drop = 0.25;
  const TrainPlan plan = plan_pretraining(settings, watcher);
  EXPECT_EQ(number(plan, "tokens_a_step"), 2 * 3 * 14);
  EXPECT_EQ(number(plan, "tokens_a_step_not_dropped"), 2 * 3 * (14 - 3));
  EXPECT_LT(number(plan, "memory_activations"), number(whole, "memory_activations"));
  EXPECT_THROW(fact(whole, "tokens_a_step_not_dropped"), InternalError);
}

/// By hand, of a model of the small folder: 192 wide, 768 inside, 3 heads, 4 layers, 512 rows of positions.
TEST(Plan, MemoryFollowsTheShapes) {
  const io::TemporaryFolder folder;
  const FinetuneSettings settings = short_run(folder, "out");
  const FinetuneStart start = start_finetuning(settings);
  const MemoryEstimate one = estimate_memory(start.model, {.rows = 100, .longest = 60, .last_layer_rows = 2});
  const double keys = 4 * 2 * 192, layer = 4 * (2 * 192 + 2 * 192 + 768 + 3 + 2 * 192 + 768);
  const double positions = 4 * 2 * 60 * 192 * 2 * 5;
  const double scores = (3 * 100 + 2) * 4 * 3 * 60;
  EXPECT_EQ(one.activations, 100 * 4 * 3 * 192 + 3 * 100 * (keys + layer) + 100 * keys + 2 * layer +
                                 100 * 4 * (2 * 768 + 4 * 192) + positions + scores);
  // A longer one reaches the whole table, of 512 rows, and keeps no scores.
  const MemoryEstimate longer =
      estimate_memory(start.model, {.rows = 100, .longest = 700, .last_layer_rows = 2});
  EXPECT_EQ(longer.activations, one.activations - positions - scores + 4 * 512 * 192 * 2 * 5);
  // Where tokens were dropped, positions reach farther than the rows are many.
  const MemoryEstimate dropped =
      estimate_memory(start.model, {.rows = 100, .longest = 60, .reach = 80, .last_layer_rows = 2});
  EXPECT_EQ(dropped.activations, one.activations + 4 * 2 * 20 * 192 * 2 * 5);
  const auto count = static_cast<double>(start.model.count());
  EXPECT_EQ(one.gradients, 4 * count);
  const MemoryEstimate rows = estimate_memory(start.model, {.rows = 100, .table_by_rows = true});
  EXPECT_EQ(rows.gradients, 4 * (count - (8001 - 100) * 192));
  EXPECT_EQ(estimate_memory(start.model, {.rows = 100, .averaged = true}).averaged, 4 * count);
  // Plain attention keeps its scores, and a dense gradient all rows.
  FinetuneStart plain = start_finetuning(settings);
  plain.model.plain = true;
  const MemoryEstimate more =
      estimate_memory(plain.model, {.rows = 100, .longest = 60, .last_layer_rows = 2, .table_by_rows = true});
  EXPECT_EQ(more.activations - one.activations, (3 * 100 + 2) * 60 * (3 * 4 * 3 + 16));
  EXPECT_EQ(more.gradients, 4 * count);
  const MemoryShape large{.rows = 10'000, .last_layer_rows = 10'000};
  MemoryShape checkpointed = large;
  checkpointed.checkpointing = true;
  EXPECT_LT(estimate_memory(start.model, checkpointed).activations,
            estimate_memory(start.model, large).activations / 2);
}

}  // namespace
}  // namespace berta::train
