#include "train/pretrain.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/error.h"
#include "core/parallel.h"
#include "io/folder.h"
#include "kernels/dropout.h"
#include "train/discriminator.h"
#include "train/dump_step.h"
#include "train/masked_model.h"
#include "train/memory.h"
#include "train/model_folder.h"
#include "train/plan.h"
#include "train/pretrain_models.h"
#include "train/run_loop.h"

namespace berta::train {
namespace {

using report::NamedValue;

/// What a pretraining is given.
struct PretrainWorld {
  Watcher& watcher;
  Workers& workers;
  const tokenizer::Tokenizer& tokenizer;
};

/// A pretraining, of either objective.
class Pretraining : public Trainee {
 public:
  Pretraining(const PretrainSettings& settings, const PretrainWorld& world)
      : settings_(settings),
        watcher_(world.watcher),
        workers_(world.workers),
        batches_(settings, world.tokenizer) {}

  double epoch(std::int64_t done) const override { return batches_.epoch(done * settings_.run.accumulation); }

  void evaluate(std::int64_t done, bool last, std::vector<NamedValue>& measured) override {
    const bool due = settings_.evaluate_steps > 0 && done % settings_.evaluate_steps == 0;
    if ((!due && !last) || batches_.held_out_chunks() == 0) return;
    last_ = measured = measure_held_out();
    watcher_.note("step " + std::to_string(done) + ": " + measured.front().name + " " +
                  std::to_string(measured.front().value));
  }

  /// All rows of all tables to the present step. All workers call it, before what follows.
  virtual void catch_up() = 0;
  virtual void write_models() = 0;
  /// Those that are trained, by name.
  virtual std::vector<std::pair<std::string, const TrainModel*>> models() const = 0;
  const std::vector<NamedValue>& last() const { return last_; }
  const MaskedBatches& batches() const { return batches_; }

 protected:
  /// Figures of a held-out batch, and their names, "dev/..." each, with zeros.
  virtual std::vector<double> measure(const MaskedBatch& batch, std::uint64_t key) = 0;
  virtual std::vector<NamedValue> figure_names() const = 0;

  /// Means over the parts, which are dealt out to the workers.
  std::vector<NamedValue> measure_held_out() {
    catch_up();
    const std::int64_t size = settings_.run.batch_size;
    const std::int64_t chunks = std::min(batches_.held_out_chunks(), settings_.evaluate_chunks);
    const std::int64_t parts = (chunks + size - 1) / size;
    std::vector<NamedValue> means = figure_names();
    for (std::int64_t part = workers_.rank(); part < parts; part += workers_.size()) {
      const std::int64_t first = part * size;
      const auto one = measure(batches_.held_out(first, std::min(size, chunks - first)),
                               key(static_cast<std::uint64_t>(first), 2));
      for (std::size_t i = 0; i < one.size(); ++i) means[i].value += one[i];
    }
    std::vector<double> sums;
    for (const NamedValue& value : means) sums.push_back(value.value);
    const at::Tensor all = at::tensor(sums, at::kDouble);
    workers_.sum(all);
    for (std::size_t i = 0; i < means.size(); ++i) {
      means[i].value = all.const_data_ptr<double>()[i] / static_cast<double>(parts);
    }
    return means;
  }

  std::uint64_t key(std::uint64_t number, std::uint64_t purpose) const {
    return kernels::mix(settings_.run.seed ^ kernels::mix(number ^ (purpose << 60)));
  }

  /// Gets what step `now` reads and makes; null where nobody asked.
  StepDump* dump(std::int64_t now) { return now == 0 && !settings_.dump_step.empty() ? &dump_ : nullptr; }
  void write_dump(std::int64_t now) {
    if (dump(now) == nullptr) return;
    dump_.write(settings_.dump_step);
    dump_ = {};
  }

  /// Calls body(batch, key, share) for this worker's parts of the batches of a step.
  template <class Body>
  void for_batches(std::int64_t now, Stepper& stepper, const Body& body) {
    const std::int64_t count = settings_.run.accumulation;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t number = now * count + i;
      MaskedBatch batch = own_part(number);
      before_pass(stepper, i + 1 == count);
      if (StepDump* const to = dump(now)) {
        const std::string prefix = batch_name(i);
        to->add_batch(prefix, batch.batch);
        to->add(prefix + "labels", at::tensor(batch.labels, at::kLong));
      }
      body(std::move(batch), key(static_cast<std::uint64_t>(number), 1), 1.0 / static_cast<double>(count));
    }
  }
  /// Layers that run again give their gradients one by one, so none is final before the end.
  void before_pass(Stepper& stepper, bool last) const {
    if (last && !settings_.run.checkpointing) stepper.sums().begin_last_pass();
  }
  static std::string batch_name(std::int64_t index) { return "batch" + std::to_string(index) + "."; }

  /// A model of the training.
  struct Trained {
    std::string name;  ///< in messages
    std::string prefix;
    const TrainModel& model;
    Stepper& stepper;
  };
  /// Steps with the gradients' norm, or throws when the training is lost.
  void step_or_skip(std::int64_t now, const Trained& trained, double norm) {
    Stepper& stepper = trained.stepper;
    StepDump* const to = dump(now);
    if (to != nullptr) to->add_gradients(trained.prefix, trained.model);
    const auto result = stepper.step(norm);
    if (to != nullptr) {
      stepper.adam().catch_up_all();
      to->add_weights(trained.prefix, trained.model);
    }
    if (result == Stepper::Result::stepped) return;
    watcher_.warn("step " + std::to_string(stepper.done()) + ": the gradients of the " + trained.name +
                  " are not finite; the step is left out");
    if (stepper.skipped_in_a_row() >= Stepper::kMostSkipped) {
      throw UserError("training diverged: the gradients of the " + trained.name + " are not finite in " +
                      std::to_string(Stepper::kMostSkipped) + " steps in a row, up to step " +
                      std::to_string(stepper.done()));
    }
  }

  const PretrainSettings& settings_;

 private:
  MaskedBatch own_part(std::int64_t number) {
    const Part part = part_of(settings_.run.batch_size, workers_);
    MaskedBatch batch = batches_.batch(number, part.begin, part.end);
    if (workers_.alone()) return batch;
    const auto gaps = static_cast<double>(batch.labels.size());
    const auto tokens = static_cast<double>(batch.batch.tokens.ids.size());
    const at::Tensor counts = workers_.gather(at::tensor({gaps, tokens}, at::kDouble));
    const at::Tensor sums = counts.sum(0);
    batch.gap_share = gaps / std::max(sums[0].item<double>(), 1.0);
    batch.token_share = tokens / std::max(sums[1].item<double>(), 1.0);
    batch.first_gap =
        static_cast<std::int64_t>(counts.narrow(0, 0, workers_.rank()).sum(0)[0].item<double>());
    return batch;
  }

  Watcher& watcher_;
  Workers& workers_;
  MaskedBatches batches_;
  StepDump dump_;
  std::vector<NamedValue> last_;
};

class MaskedPretraining final : public Pretraining {
 public:
  MaskedPretraining(const PretrainSettings& settings, const PretrainWorld& world)
      : Pretraining(settings, world),
        model_(settings, masked_model(settings, world.tokenizer), settings.run.max_steps, world.workers) {}

  StepReport step(std::int64_t now) override {
    StepReport report{.losses = {{"train/loss", 0}, {"train/accuracy", 0}}};
    for_batches(now, model_.stepper(), [&](const MaskedBatch& batch, std::uint64_t key, double share) {
      const auto result = model_.backward(batch, key, share, false);
      report.losses[0].value += result.loss * share;
      report.losses[1].value += result.accuracy * share;
      report.tokens += static_cast<std::int64_t>(batch.batch.tokens.ids.size());
    });
    if (StepDump* const to = dump(now)) to->add("loss", report.losses[0].value);
    step_or_skip(now, {"model", "", model_.model(), model_.stepper()}, model_.stepper().gradient_norm());
    write_dump(now);
    report.learning_rate = model_.stepper().rate();
    report.gradient_norm = model_.stepper().norm();
    return report;
  }

  void save(TrainingState& state) override { model_.stepper().save(state); }
  void restore(const TrainingState& state) override { model_.stepper().restore(state); }

  std::vector<std::pair<std::string, const TrainModel*>> models() const override {
    return {{"the_model", &model_.model()}};
  }

  void catch_up() override { model_.stepper().adam().catch_up_all(); }
  void write_models() override {
    write_model_folder(settings_.run.output, model_.model(),
                       {.architecture = "ForMaskedLM", .labels = {}, .problem_type = {}},
                       settings_.tokenizer);
  }

 protected:
  std::vector<double> measure(const MaskedBatch& batch, std::uint64_t key) override {
    const auto result = model_.evaluate(batch, key, false);
    return {result.loss, result.accuracy};
  }
  std::vector<NamedValue> figure_names() const override { return {{"dev/loss", 0}, {"dev/accuracy", 0}}; }

 private:
  MaskedModel model_;
};

class RtdPretraining final : public Pretraining {
 public:
  RtdPretraining(const PretrainSettings& settings, const PretrainWorld& world)
      : RtdPretraining(settings, world, rtd_models(settings, world.tokenizer)) {}

  /// Decoupled (apps/tasks/rtd_task.py of microsoft/DeBERTa 4d7fe0b): the generator steps, and then the
  /// discriminator sees the tokens that it drew before, through its new embedding.
  StepReport step(std::int64_t now) override {
    StepReport report{.losses = {{"train/loss", 0},
                                 {"train/generator_loss", 0},
                                 {"train/rtd_loss", 0},
                                 {"train/rtd_accuracy", 0},
                                 {"train/rtd_found", 0}}};
    std::vector<Drawn> drawn = run_generator(now, report);
    if (settings_.decoupled) step_generator(now, generator_.stepper().gradient_norm());
    const double share = 1.0 / static_cast<double>(drawn.size());
    for (const Drawn& one : drawn) {
      before_pass(discriminator_.stepper(), &one == &drawn.back());
      const auto result = discriminator_.backward(one.batch, one.tokens, kernels::mix(one.key), share);
      report.losses[2].value += result.loss * share;
      report.losses[3].value += result.accuracy * share;
      report.losses[4].value += result.found * share;
    }
    double norm = discriminator_.stepper().gradient_norm();
    if (!settings_.decoupled) {
      // One model to Microsoft's optimizer, clipped as a whole.
      norm = std::hypot(norm, generator_.stepper().gradient_norm());
      step_generator(now, norm);
    }
    step_or_skip(now, {"discriminator", "discriminator.", discriminator_.model(), discriminator_.stepper()},
                 norm);
    dump_results(now, report, drawn);
    report.losses[0].value = report.losses[1].value + settings_.rtd_weight * report.losses[2].value;
    report.learning_rate = generator_.stepper().rate();
    report.gradient_norm = discriminator_.stepper().norm();
    return report;
  }

  void save(TrainingState& state) override {
    generator_.stepper().save(state, "generator.");
    discriminator_.stepper().save(state, "discriminator.");
  }
  void restore(const TrainingState& state) override {
    generator_.stepper().restore(state, "generator.");
    discriminator_.stepper().restore(state, "discriminator.");
  }

  std::vector<std::pair<std::string, const TrainModel*>> models() const override {
    return {{"the_generator", &generator_.model()}, {"the_discriminator", &discriminator_.model()}};
  }

  void catch_up() override {
    generator_.stepper().adam().catch_up_all();
    discriminator_.stepper().adam().catch_up_all();
  }
  void write_models() override {
    const TrainModel& model = discriminator_.model();
    write_model_folder(io::join(settings_.run.output, "generator"), generator_.model(),
                       {.architecture = "ForMaskedLM", .labels = {}, .problem_type = {}},
                       settings_.tokenizer);
    write_model_folder(
        io::join(settings_.run.output, "discriminator"), model,
        {.architecture = "Model", .labels = {}, .problem_type = {}}, settings_.tokenizer,
        {.parameter = model.weights.encoder.embeddings.word, .given = discriminator_.effective_table()});
  }

 protected:
  std::vector<double> measure(const MaskedBatch& batch, std::uint64_t key) override {
    const auto masked = generator_.evaluate(batch, key, true);
    const auto result = discriminator_.evaluate(batch, masked.drawn);
    return {masked.loss, masked.accuracy, result.loss, result.accuracy, result.found};
  }
  std::vector<NamedValue> figure_names() const override {
    return {{"dev/generator_loss", 0},
            {"dev/generator_accuracy", 0},
            {"dev/rtd_loss", 0},
            {"dev/rtd_accuracy", 0},
            {"dev/rtd_found", 0}};
  }

 private:
  RtdPretraining(const PretrainSettings& settings, const PretrainWorld& world, RtdModels models)
      : Pretraining(settings, world),
        generator_(settings, std::move(models.generator), settings.run.max_steps, world.workers),
        discriminator_(settings, std::move(models.discriminator), generator_.word_table(),
                       settings.run.max_steps, world.workers) {}

  struct Drawn {
    MaskedBatch batch;
    std::vector<std::int32_t> tokens;
    std::uint64_t key;
  };

  /// The generator's gradients, and the tokens that it draws.
  std::vector<Drawn> run_generator(std::int64_t now, StepReport& report) {
    std::vector<Drawn> drawn;
    for_batches(now, generator_.stepper(), [&](MaskedBatch batch, std::uint64_t key, double share) {
      auto result = generator_.backward(batch, key, share, true);
      report.losses[1].value += result.loss * share;
      report.tokens += static_cast<std::int64_t>(batch.batch.tokens.ids.size());
      drawn.push_back({std::move(batch), std::move(result.drawn), key});
    });
    return drawn;
  }

  void step_generator(std::int64_t now, double norm) {
    step_or_skip(now, {"generator", "generator.", generator_.model(), generator_.stepper()}, norm);
  }

  void dump_results(std::int64_t now, const StepReport& report, const std::vector<Drawn>& drawn) {
    StepDump* const to = dump(now);
    if (to == nullptr) return;
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      to->add(batch_name(static_cast<std::int64_t>(i)) + "drawn", at::tensor(drawn[i].tokens, at::kInt));
    }
    to->add("generator.loss", report.losses[1].value);
    to->add("discriminator.loss", report.losses[2].value);
    write_dump(now);
  }

  MaskedModel generator_;
  Discriminator discriminator_;
};

std::unique_ptr<Pretraining> make_pretraining(const PretrainSettings& settings, const PretrainWorld& world) {
  if (settings.objective == Objective::rtd) return std::make_unique<RtdPretraining>(settings, world);
  return std::make_unique<MaskedPretraining>(settings, world);
}

void add_files(Planner& planner, const PretrainSettings& settings) {
  const std::string& output = settings.run.output;
  const bool rtd = settings.objective == Objective::rtd;
  for (const std::string& folder :
       rtd ? std::vector{io::join(output, "generator"), io::join(output, "discriminator")}
           : std::vector{output}) {
    for (const char* name : {"model.safetensors", "config.json"}) planner.file(io::join(folder, name));
  }
  for (const char* name : {"metrics.jsonl", "report.html"}) planner.file(io::join(output, name));
}

TrainOutcome pretrain_with(const PretrainSettings& settings, Watcher& all, Workers& workers) {
  refuse_dump(settings.dump_step, workers);
  FirstWatcher watcher(all, workers.is_first());
  const auto tokenizer = tokenizer::load_tokenizer(settings.tokenizer);
  const auto pretraining = make_pretraining(settings, {watcher, workers, *tokenizer});
  watcher.note(std::to_string(pretraining->batches().tokens()) + " tokens to train on, " +
               std::to_string(settings.run.max_steps) + " steps");
  RunLoop loop(settings.run, facts_of(settings), watcher, workers);
  const bool ended = loop.run(*pretraining, settings.run.max_steps);
  TrainOutcome outcome{
      .stopped = !ended, .is_first = workers.is_first(), .steps = loop.done(), .loss = loop.loss()};
  for (const NamedValue& value : pretraining->last()) outcome.metrics.push_back({value.name, value.value});
  if (!ended) return outcome;
  pretraining->catch_up();
  if (!workers.is_first()) return outcome;
  pretraining->write_models();
  loop.log().write_report({.title = "berta pretrain",
                           .results = pretraining->last(),
                           .seconds = loop.seconds(),
                           .config = {},
                           .facts = {{"Settings", facts_of(settings)}}});
  loop.remove_checkpoint();
  return outcome;
}

}  // namespace

TrainPlan plan_pretraining(const PretrainSettings& asked, Watcher& watcher) {
  PretrainSettings settings = asked;
  settings.dump_step.clear();
  set_threads(settings.run.threads);
  at::set_num_threads(threads());
  keep_freed_memory();
  const auto tokenizer = tokenizer::load_tokenizer(settings.tokenizer);
  const auto pretraining = make_pretraining(settings, {watcher, only_worker(), *tokenizer});
  Planner planner;
  planner.text("objective", settings.objective == Objective::rtd ? "rtd" : "mlm");
  std::vector<MemoryEstimate> memory;
  const std::int64_t rows = settings.run.batch_size * settings.max_length;
  for (const auto& [name, model] : pretraining->models()) {
    planner.count("parameters_of_" + name, static_cast<double>(model->count()));
    memory.push_back(estimate_memory(*model, {.rows = rows,
                                              .longest = settings.max_length,
                                              .last_layer_rows = rows,
                                              .bf16 = settings.run.bf16,
                                              .checkpointing = settings.run.checkpointing}));
  }
  const auto steps = static_cast<double>(settings.run.max_steps);
  const double tokens = static_cast<double>(rows * settings.run.accumulation);
  planner.count("tokens_of_the_corpus", static_cast<double>(pretraining->batches().tokens()));
  planner.count("tokens_a_step", tokens);
  planner.text("epochs", std::to_string(pretraining->epoch(settings.run.max_steps)));
  planner.settings(settings.run, settings.optimizer, settings.run.max_steps);
  const double needed = planner.memory(memory);
  const double per_token = planner.time_steps(*pretraining, needed);
  if (per_token > 0) planner.seconds("time_training", per_token * tokens * steps);
  add_files(planner, settings);
  return planner.take();
}

TrainOutcome pretrain(const PretrainSettings& settings, Watcher& watcher) {
  set_threads(settings.run.threads);
  at::set_num_threads(threads());
  keep_freed_memory();
  return with_workers(settings.run,
                      [&](Workers& workers) { return pretrain_with(settings, watcher, workers); });
}

}  // namespace berta::train
