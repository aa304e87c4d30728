#include "train/plan/plan.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "io/folder.h"
#include "train/finetune/finetune_trainee.h"
#include "train/finetune/series.h"
#include "train/heads/predictions.h"
#include "train/run/process.h"

namespace berta::train {

void Planner::text(const std::string& name, std::string value) {
  add({.name = name, .unit = PlanFact::Unit::text, .number = 0, .text = std::move(value)});
}
void Planner::count(const std::string& name, double number) {
  add({.name = name, .unit = PlanFact::Unit::count, .number = number, .text = {}});
}
void Planner::bytes(const std::string& name, double number) {
  add({.name = name, .unit = PlanFact::Unit::bytes, .number = number, .text = {}});
}
void Planner::seconds(const std::string& name, double number) {
  add({.name = name, .unit = PlanFact::Unit::seconds, .number = number, .text = {}});
}

void Planner::device(const at::Device& device) {
  on_cpu_ = device.is_cpu();
  text("device", device.str());
}

void Planner::settings(const RunSettings& run, const OptimizerSettings& optimizer, std::int64_t steps) {
  count("batch_size", static_cast<double>(run.batch_size));
  count("accumulation", static_cast<double>(run.accumulation));
  count("steps", static_cast<double>(steps));
  SettingFacts facts;
  add_facts(facts, optimizer);
  for (auto& [name, value] : facts) text(name, std::move(value));
  text("bf16", run.bf16 ? "true" : "false");
}

double Planner::memory(const std::vector<MemoryEstimate>& models) {
  MemoryEstimate sum;
  for (const MemoryEstimate& one : models) {
    sum.weights += one.weights;
    sum.gradients += one.gradients;
    sum.moments += one.moments;
    sum.averaged += one.averaged;
    // Of several models one runs at a time.
    sum.activations = std::max(sum.activations, one.activations);
  }
  const double trained = sum.weights + sum.gradients + sum.moments + sum.averaged + sum.activations;
  bytes("memory_weights", sum.weights);
  bytes("memory_gradients", sum.gradients);
  bytes("memory_moments", sum.moments);
  if (sum.averaged > 0) bytes("memory_averaged_weights", sum.averaged);
  bytes("memory_activations", sum.activations);
  if (!on_cpu_) {
    bytes("memory", trained);
    return trained;
  }
  const double resident = resident_memory();
  const double beside = std::max(resident - sum.weights - sum.moments - sum.averaged, 0.0);
  bytes("memory_program_and_data", beside);
  const double all = beside + trained;
  bytes("memory", all);
  bytes("memory_available", available_memory() + resident);
  return all;
}

double Planner::time_steps(Trainee& trainee, double needed) {
  if (on_cpu_ && needed > available_memory() + resident_memory()) {
    text("time", "not measured: the training needs more memory than there is");
    return 0;
  }
  trainee.step(0);
  const auto start = std::chrono::steady_clock::now();
  const StepReport report = trainee.step(1);
  const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double per_token = passed / static_cast<double>(std::max<std::int64_t>(report.tokens, 1));
  count("tokens_per_second", 1 / per_token);
  return per_token;
}

namespace {

/// What a set of examples holds.
struct Size {
  double tokens = 0;
  std::int64_t largest_batch = 0;      ///< tokens of the longest examples that fill a batch
  std::int64_t longest = 0;            ///< sequence, in tokens
  std::int64_t largest_sequences = 0;  ///< of them
};

Size size_of(const std::vector<Example>& examples, std::int64_t batch_size) {
  Size size;
  std::vector<std::pair<std::int64_t, std::int64_t>> lengths;  // tokens and sequences of each
  for (const Example& example : examples) {
    std::int64_t tokens = 0;
    for (const infer::Sequence& sequence : example.sequences) {
      const auto length = static_cast<std::int64_t>(sequence.ids.size());
      size.longest = std::max(size.longest, length);
      tokens += length;
    }
    size.tokens += static_cast<double>(tokens);
    lengths.emplace_back(tokens, static_cast<std::int64_t>(example.sequences.size()));
  }
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  lengths.resize(std::min(lengths.size(), static_cast<std::size_t>(batch_size)));
  for (const auto& [tokens, sequences] : lengths) {
    size.largest_batch += tokens;
    size.largest_sequences += sequences;
  }
  return size;
}

MemoryEstimate memory_of(const FinetuneTrainee& trainee, const FinetuneSettings& settings, const Size& size) {
  const bool first = trainee.start().head->needed_rows() == NeededRows::first;
  MemoryEstimate estimate = estimate_memory(
      trainee.start().model, {.rows = size.largest_batch,
                              .longest = size.longest,
                              .last_layer_rows = first ? size.largest_sequences : size.largest_batch,
                              .bf16 = settings.run.bf16,
                              .checkpointing = settings.run.checkpointing,
                              .averaged = settings.ema_decay > 0,
                              .table_by_rows = settings.ema_decay == 0});
  // SiFT keeps two more passes until the backward pass.
  if (settings.sift.weight > 0) estimate.activations *= 3;
  return estimate;
}

/// One of several trainings, as they do not differ in size.
FinetuneSettings single(const FinetuneSettings& settings) {
  FinetuneSettings one = settings;
  one.dump_step.clear();
  one.seeds.clear();
  if (one.folds > 0) one.fold = 0;
  return one;
}

void add_files(Planner& planner, const FinetuneSettings& settings, const FinetuneTrainee& trainee) {
  const auto add = [&](const std::string& folder) {
    for (const char* name : {"model.safetensors", "config.json", "README.md", "eval_results.json",
                             "metrics.jsonl", "report.html"})
      planner.file(io::join(folder, name));
    if (trainee.start().head->has_predictions() && !trainee.start().head->dev().empty())
      planner.file(io::join(folder, kDevPredictions));
    if (!trainee.start().model.adapters.empty()) planner.file(io::join(folder, "adapter"));
  };
  if (!is_series(settings)) return add(settings.run.output);
  for (const std::string& folder : series_folders(settings)) add(folder);
  planner.file(io::join(settings.run.output, "summary.json"));
  if (settings.folds > 0) planner.file(io::join(settings.run.output, "out_of_fold.csv"));
}

void add_time(Planner& planner, const FinetuneSettings& settings, FinetuneTrainee& trainee, double needed) {
  const TaskHead& head = *trainee.start().head;
  const double train = size_of(head.train(), 1).tokens, dev = size_of(head.dev(), 1).tokens;
  const double per_token = planner.time_steps(trainee, needed);
  if (per_token == 0) return;
  const double epochs = trainee.epoch(trainee.steps());
  const double every = settings.evaluate_steps > 0
                           ? static_cast<double>(settings.evaluate_steps)
                           : static_cast<double>(trainee.steps()) / std::max(epochs, 1.0);
  const double evaluations = dev > 0 ? std::ceil(static_cast<double>(trainee.steps()) / every) : 0;
  constexpr double kForwardShare = 1.0 / 3;  // of a step, where the backward pass computes twice as much
  const double runs = is_series(settings) ? static_cast<double>(series_folders(settings).size()) : 1;
  planner.seconds("time_training", runs * per_token * train * epochs);
  planner.seconds("time_evaluation", runs * per_token * kForwardShare * dev * evaluations);
}

}  // namespace

TrainPlan plan_finetuning(const FinetuneSettings& asked, Watcher& watcher) {
  if (is_series(asked)) check_series(asked);
  const FinetuneSettings settings = single(asked);
  set_up_process(settings.run.threads);
  FinetuneTrainee trainee(settings, watcher, start_finetuning(settings));
  const FinetuneStart& start = trainee.start();
  const Size size = size_of(start.head->train(), settings.run.batch_size);
  Planner planner;
  planner.text("task", name_of(settings.task));
  planner.text("model", settings.model);
  planner.device(device_of(start.model));
  planner.count("parameters", static_cast<double>(start.model.count()));
  planner.count("parameters_trained", static_cast<double>(start.model.trained()));
  if (is_series(asked)) planner.count("trainings", static_cast<double>(series_folders(asked).size()));
  planner.count("examples", static_cast<double>(start.head->train().size()));
  planner.count("examples_to_evaluate", static_cast<double>(start.head->dev().size()));
  planner.count("tokens_an_epoch", size.tokens);
  const auto examples = static_cast<double>(start.head->train().size());
  planner.count(
      "tokens_a_step",
      size.tokens / examples *
          std::min(static_cast<double>(settings.run.batch_size * settings.run.accumulation), examples));
  planner.count("tokens_of_the_largest_batch", static_cast<double>(size.largest_batch));
  planner.settings(settings.run, settings.optimizer, trainee.steps());
  const double needed = planner.memory({memory_of(trainee, settings, size)});
  add_time(planner, asked, trainee, needed);
  add_files(planner, asked, trainee);
  return planner.take();
}

}  // namespace berta::train
