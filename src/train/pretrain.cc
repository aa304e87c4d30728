#include "train/pretrain.h"

#include <algorithm>
#include <memory>

#include "core/error.h"
#include "core/parallel.h"
#include "io/folder.h"
#include "kernels/dropout.h"
#include "train/discriminator.h"
#include "train/masked_model.h"
#include "train/memory.h"
#include "train/model_folder.h"
#include "train/pretrain_models.h"
#include "train/run_loop.h"

namespace berta::train {
namespace {

using report::NamedValue;

/// A pretraining, of either objective.
class Pretraining : public Trainee {
 public:
  Pretraining(const PretrainSettings& settings, Watcher& watcher, const tokenizer::Tokenizer& tokenizer)
      : settings_(settings), watcher_(watcher), batches_(settings, tokenizer) {}

  double epoch(std::int64_t done) const override { return batches_.epoch(done * settings_.run.accumulation); }

  void evaluate(std::int64_t done, bool last, std::vector<NamedValue>& measured) override {
    const bool due = settings_.evaluate_steps > 0 && done % settings_.evaluate_steps == 0;
    if ((!due && !last) || batches_.held_out_chunks() == 0) return;
    const std::int64_t chunks = std::min(batches_.held_out_chunks(), settings_.evaluate_chunks);
    std::int64_t parts = 0;
    for (std::int64_t first = 0; first < chunks; first += settings_.run.batch_size, ++parts) {
      const auto one = measure(batches_.held_out(first, std::min(settings_.run.batch_size, chunks - first)),
                               key(static_cast<std::uint64_t>(first), 2));
      if (measured.empty())
        measured = one;
      else
        for (std::size_t i = 0; i < one.size(); ++i) measured[i].value += one[i].value;
    }
    for (NamedValue& value : measured) value.value /= static_cast<double>(parts);
    last_ = measured;
    watcher_.note("step " + std::to_string(done) + ": " + measured.front().name + " " +
                  std::to_string(measured.front().value));
  }

  virtual void write_models() = 0;
  const std::vector<NamedValue>& last() const { return last_; }
  const MaskedBatches& batches() const { return batches_; }

 protected:
  /// Figures of a held-out batch, "dev/..." each.
  virtual std::vector<NamedValue> measure(const MaskedBatch& batch, std::uint64_t key) = 0;

  std::uint64_t key(std::uint64_t number, std::uint64_t purpose) const {
    return kernels::mix(settings_.run.seed ^ kernels::mix(number ^ (purpose << 60)));
  }

  /// Calls body(batch, key, share) for the batches of a step.
  template <class Body>
  void for_batches(std::int64_t now, const Body& body) {
    const std::int64_t count = settings_.run.accumulation;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t number = now * count + i;
      body(batches_.batch(number), key(static_cast<std::uint64_t>(number), 1),
           1.0 / static_cast<double>(count));
    }
  }

  /// Steps, or throws when the training is lost.
  void step_or_skip(Stepper& stepper, const char* which) {
    if (stepper.step() == Stepper::Result::stepped) return;
    watcher_.warn("step " + std::to_string(stepper.done()) + ": the gradients of the " + which +
                  " are not finite; the step is left out");
    if (stepper.skipped_in_a_row() >= Stepper::kMostSkipped) {
      throw UserError("training diverged: the gradients of the " + std::string(which) +
                      " are not finite in " + std::to_string(Stepper::kMostSkipped) +
                      " steps in a row, up to step " + std::to_string(stepper.done()));
    }
  }

  const PretrainSettings& settings_;

 private:
  Watcher& watcher_;
  MaskedBatches batches_;
  std::vector<NamedValue> last_;
};

class MaskedPretraining final : public Pretraining {
 public:
  MaskedPretraining(const PretrainSettings& settings, Watcher& watcher, const tokenizer::Tokenizer& tokenizer)
      : Pretraining(settings, watcher, tokenizer),
        model_(settings, masked_model(settings, tokenizer), settings.run.max_steps) {}

  StepReport step(std::int64_t now) override {
    StepReport report{.losses = {{"train/loss", 0}, {"train/accuracy", 0}}};
    for_batches(now, [&](const MaskedBatch& batch, std::uint64_t key, double share) {
      const auto result = model_.backward(batch, key, share, false);
      report.losses[0].value += result.loss * share;
      report.losses[1].value += result.accuracy * share;
      report.tokens += static_cast<std::int64_t>(batch.batch.tokens.ids.size());
    });
    step_or_skip(model_.stepper(), "model");
    report.learning_rate = model_.stepper().rate();
    report.gradient_norm = model_.stepper().norm();
    return report;
  }

  void save(TrainingState& state) override { model_.stepper().save(state); }
  void restore(const TrainingState& state) override { model_.stepper().restore(state); }

  void write_models() override {
    model_.stepper().adam().catch_up_all();
    write_model_folder(settings_.run.output, model_.model(),
                       {.architecture = "ForMaskedLM", .labels = {}, .problem_type = {}},
                       settings_.tokenizer);
  }

 protected:
  std::vector<NamedValue> measure(const MaskedBatch& batch, std::uint64_t key) override {
    const auto result = model_.evaluate(batch, key, false);
    return {{"dev/loss", result.loss}, {"dev/accuracy", result.accuracy}};
  }

 private:
  MaskedModel model_;
};

class RtdPretraining final : public Pretraining {
 public:
  RtdPretraining(const PretrainSettings& settings, Watcher& watcher, const tokenizer::Tokenizer& tokenizer)
      : RtdPretraining(settings, watcher, tokenizer, rtd_models(settings, tokenizer)) {}

  /// Decoupled (apps/tasks/rtd_task.py of microsoft/DeBERTa 4d7fe0b): the generator steps, and then the
  /// discriminator sees the tokens that it drew before, through its new embedding.
  StepReport step(std::int64_t now) override {
    StepReport report{.losses = {{"train/loss", 0},
                                 {"train/generator_loss", 0},
                                 {"train/rtd_loss", 0},
                                 {"train/rtd_accuracy", 0},
                                 {"train/rtd_found", 0}}};
    struct Drawn {
      MaskedBatch batch;
      std::vector<std::int32_t> tokens;
      std::uint64_t key;
    };
    std::vector<Drawn> drawn;
    const double share = 1.0 / static_cast<double>(settings_.run.accumulation);
    for_batches(now, [&](MaskedBatch batch, std::uint64_t key, double) {
      auto result = generator_.backward(batch, key, share, true);
      report.losses[1].value += result.loss * share;
      report.tokens += static_cast<std::int64_t>(batch.batch.tokens.ids.size());
      drawn.push_back({std::move(batch), std::move(result.drawn), key});
    });
    if (settings_.decoupled) step_or_skip(generator_.stepper(), "generator");
    for (const Drawn& one : drawn) {
      const auto result = discriminator_.backward(one.batch, one.tokens, kernels::mix(one.key), share);
      report.losses[2].value += result.loss * share;
      report.losses[3].value += result.accuracy * share;
      report.losses[4].value += result.found * share;
    }
    if (!settings_.decoupled) step_or_skip(generator_.stepper(), "generator");
    step_or_skip(discriminator_.stepper(), "discriminator");
    keep_pending_gradient();
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

  void write_models() override {
    generator_.stepper().adam().catch_up_all();
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
  std::vector<NamedValue> measure(const MaskedBatch& batch, std::uint64_t key) override {
    const auto masked = generator_.evaluate(batch, key, true);
    const auto result = discriminator_.evaluate(batch, masked.drawn);
    return {{"dev/generator_loss", masked.loss},
            {"dev/generator_accuracy", masked.accuracy},
            {"dev/rtd_loss", result.loss},
            {"dev/rtd_accuracy", result.accuracy},
            {"dev/rtd_found", result.found}};
  }

 private:
  /// With a shared embedding the discriminator's gradient waits for the generator's next step. As one dense
  /// sum, so that a checkpoint in between holds what a training without one would go on with.
  void keep_pending_gradient() {
    at::Tensor& gradient = generator_.word_table().mutable_grad();
    if (gradient.defined() && gradient.is_sparse()) gradient = gradient.to_dense();
  }

  RtdPretraining(const PretrainSettings& settings, Watcher& watcher, const tokenizer::Tokenizer& tokenizer,
                 RtdModels models)
      : Pretraining(settings, watcher, tokenizer),
        generator_(settings, std::move(models.generator), settings.run.max_steps),
        discriminator_(settings, std::move(models.discriminator), generator_.word_table(),
                       settings.run.max_steps) {}

  MaskedModel generator_;
  Discriminator discriminator_;
};

std::unique_ptr<Pretraining> make_pretraining(const PretrainSettings& settings, Watcher& watcher,
                                              const tokenizer::Tokenizer& tokenizer) {
  if (settings.objective == Objective::rtd)
    return std::make_unique<RtdPretraining>(settings, watcher, tokenizer);
  return std::make_unique<MaskedPretraining>(settings, watcher, tokenizer);
}

}  // namespace

TrainOutcome pretrain(const PretrainSettings& settings, Watcher& watcher) {
  set_threads(settings.run.threads);
  at::set_num_threads(threads());
  keep_freed_memory();
  const auto tokenizer = tokenizer::load_tokenizer(settings.tokenizer);
  const auto pretraining = make_pretraining(settings, watcher, *tokenizer);
  watcher.note(std::to_string(pretraining->batches().tokens()) + " tokens to train on, " +
               std::to_string(settings.run.max_steps) + " steps");
  RunLoop loop(settings.run, facts_of(settings), watcher);
  const bool ended = loop.run(*pretraining, settings.run.max_steps);
  TrainOutcome outcome{.stopped = !ended, .steps = loop.done(), .loss = loop.loss(), .metrics = {}};
  for (const NamedValue& value : pretraining->last()) outcome.metrics.push_back({value.name, value.value});
  if (!ended) return outcome;
  pretraining->write_models();
  loop.log().write_report({.title = "berta pretrain",
                           .results = pretraining->last(),
                           .seconds = loop.seconds(),
                           .config = {},
                           .facts = {{"Settings", facts_of(settings)}}});
  loop.remove_checkpoint();
  return outcome;
}

}  // namespace berta::train
