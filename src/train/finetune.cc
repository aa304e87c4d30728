#include "train/finetune.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "core/random_stream.h"
#include "io/atomic_file.h"
#include "io/checkpoint.h"
#include "io/folder.h"
#include "io/json.h"
#include "kernels/dropout.h"
#include "train/averaged_weights.h"
#include "train/dump_step.h"
#include "train/memory.h"
#include "train/model_card_text.h"
#include "train/model_folder.h"
#include "train/rates.h"
#include "train/settings_facts.h"
#include "train/step.h"
#include "train/task_head.h"
#include "train/training_checkpoint.h"
#include "train/training_log.h"

namespace berta::train {
namespace {

using std::chrono::steady_clock;

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

/// What is asked for, with what the model folder says.
struct Prepared {
  infer::ModelInfo info;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::string tokenizer_folder;
  std::unique_ptr<TaskHead> head;
  TrainModel model;
};

Prepared prepare(const FinetuneSettings& settings) {
  Prepared ready;
  ready.tokenizer_folder = settings.tokenizer.empty() ? settings.model : settings.tokenizer;
  const io::Checkpoint checkpoint = io::Checkpoint::open(settings.model);
  ready.info = infer::read_config(settings.model, checkpoint);
  ready.tokenizer = tokenizer::load_tokenizer(ready.tokenizer_folder);
  ready.head = make_task_head({settings, *ready.tokenizer, ready.info});
  ModelPlan plan{.heads = ready.head->heads(), .seed = settings.run.seed};
  const auto labels = static_cast<std::int64_t>(ready.head->labels().size());
  const auto* classifier = checkpoint.find(ready.info.prefix.heads + "classifier.weight");
  plan.new_classifier = classifier != nullptr && classifier->view.shape.front() != labels;
  if (labels > 0) {
    ready.info.config.labels = labels;
    ready.info.labels = ready.head->labels();
  }
  ready.model = load_model(settings.model, plan, ready.info);
  return ready;
}

/// One fine-tuning.
class Finetuning {
 public:
  Finetuning(const FinetuneSettings& settings, Watcher& watcher)
      : settings_(settings),
        watcher_(watcher),
        ready_(prepare(settings)),
        rates_(dropout_rates(ready_.info, settings)),
        train_(ready_.head->train()),
        steps_per_epoch_(steps_per_epoch()),
        total_steps_(settings.run.max_steps > 0 ? settings.run.max_steps
                                                : settings.epochs * steps_per_epoch_),
        stepper_(ready_.model, settings.optimizer, total_steps_),
        averaged_(ready_.model, settings.ema_decay),
        checkpoints_(io::join(settings.run.output, "checkpoint")),
        main_metric_(settings.metric.empty() ? ready_.head->main_metric() : settings.metric) {}

  TrainOutcome run() {
    std::optional<std::int64_t> resumed;
    if (settings_.run.resume && checkpoints_.has_checkpoint()) resumed = resume();
    TrainingLog log(settings_.run.output, resumed, settings_.run);
    log_ = &log;
    announce(resumed);
    started_ = saved_at_ = steady_clock::now();
    while (stepper_.done() < total_steps_ && !out_of_patience()) {
      if (watcher_.stop()) return stopped();
      step();
      after_step();
    }
    return finish();
  }

 private:
  std::int64_t steps_per_epoch() const {
    if (train_.empty()) throw UserError("expected training data, found none");
    const auto count = static_cast<std::int64_t>(train_.size());
    const std::int64_t batches = (count + settings_.run.batch_size - 1) / settings_.run.batch_size;
    return (batches + settings_.run.accumulation - 1) / settings_.run.accumulation;
  }

  void announce(std::optional<std::int64_t> resumed) {
    const TrainModel& model = ready_.model;
    watcher_.note(std::to_string(train_.size()) + " examples to train, " +
                  std::to_string(ready_.head->dev().size()) + " to evaluate; " +
                  std::to_string(model.count()) + " parameters, " + std::to_string(total_steps_) + " steps");
    std::string made;
    for (const std::string& name : model.made) made += (made.empty() ? "" : ", ") + name;
    if (!made.empty()) watcher_.note("new, not in " + settings_.model + ": " + made);
    if (resumed) watcher_.note("going on at step " + std::to_string(*resumed));
  }

  /// The examples of a batch: each epoch has its own order, a function of the seed alone.
  std::vector<const Example*> batch_examples(std::int64_t epoch, std::int64_t batch) {
    if (order_epoch_ != epoch) {
      order_.resize(train_.size());
      std::iota(order_.begin(), order_.end(), std::size_t{0});
      RandomStream random(settings_.run.seed, static_cast<std::uint64_t>(epoch));
      for (std::size_t i = order_.size(); i > 1; --i) {
        std::swap(order_[i - 1], order_[random.below(static_cast<std::uint32_t>(i))]);
      }
      order_epoch_ = epoch;
    }
    std::vector<const Example*> examples;
    const auto size = static_cast<std::size_t>(settings_.run.batch_size);
    const std::size_t begin = static_cast<std::size_t>(batch) * size;
    for (std::size_t i = begin; i < std::min(begin + size, order_.size()); ++i)
      examples.push_back(&train_[order_[i]]);
    return examples;
  }

  RunOptions run_options(std::uint64_t key) const {
    return {.bf16 = settings_.run.bf16,
            .checkpointing = settings_.run.checkpointing,
            .dropout = rates_,
            .key = kernels::mix(settings_.run.seed ^ kernels::mix(key)),
            .by_rows = ready_.model.weights.encoder.embeddings.word};
  }

  void step() {
    const std::int64_t now = stepper_.done();
    const std::int64_t epoch = now / steps_per_epoch_;
    const std::int64_t accumulation = settings_.run.accumulation;
    const auto start = steady_clock::now();
    double loss = 0;
    std::int64_t parts = 0;
    std::vector<std::vector<const Example*>> batches;
    for (std::int64_t i = 0; i < accumulation; ++i) {
      auto examples = batch_examples(epoch, (now % steps_per_epoch_) * accumulation + i);
      if (!examples.empty()) batches.push_back(std::move(examples));
    }
    for (const auto& examples : batches) {
      const auto key = static_cast<std::uint64_t>(now * accumulation + parts++);
      loss += backward(examples, key, 1.0 / static_cast<double>(batches.size()));
    }
    StepDump dump;
    const bool dumps = !settings_.dump_step.empty() && now == 0;
    if (dumps) dump.add_gradients("", ready_.model);
    if (stepper_.step() == Stepper::Result::skipped) return skipped(batches);
    if (dumps) {
      stepper_.adam().catch_up_all();
      dump.add("loss", loss);
      dump.add_weights("", ready_.model);
      dump.write(settings_.dump_step);
    }
    averaged_.update();
    loss_sum_ += loss;
    ++loss_count_;
    training_seconds_ += seconds_since(start);
  }

  /// Adds the gradients of a batch; returns its part of the loss.
  double backward(const std::vector<const Example*>& examples, std::uint64_t key, double share) {
    const Batch batch = make_batch(examples, ready_.model.info.config);
    stepper_.adam().catch_up(ready_.model.weights.encoder.embeddings.word, batch.tokens.ids);
    Forward forward(ready_.model, run_options(key), batch, ready_.head->needed_rows());
    const at::Tensor loss = ready_.head->loss(ready_.head->logits(forward), examples) * share;
    loss.backward();
    tokens_ += static_cast<std::int64_t>(batch.tokens.ids.size());
    return loss.item<double>();
  }

  /// The gradients were not finite.
  void skipped(const std::vector<std::vector<const Example*>>& batches) {
    watcher_.warn("step " + std::to_string(stepper_.done()) +
                  ": the gradients are not finite; the step is left out");
    if (stepper_.skipped_in_a_row() < Stepper::kMostSkipped) return;
    std::string text;
    for (const auto& examples : batches) {
      for (const Example* example : examples) {
        for (const infer::Sequence& sequence : example->sequences) {
          text += "{\"record\": " + std::to_string(example->source) + ", \"input_ids\": [";
          for (std::size_t i = 0; i < sequence.ids.size(); ++i)
            text += (i == 0 ? "" : ", ") + std::to_string(sequence.ids[i]);
          text += "]}\n";
        }
      }
    }
    const std::string file = io::join(settings_.run.output, "not-finite.jsonl");
    io::write_file(file, text);
    throw UserError("training diverged: the gradients of " + std::to_string(Stepper::kMostSkipped) +
                    " steps in a row are not finite; the last batch is in " + file);
  }

  double epoch_now() const {
    return static_cast<double>(stepper_.done()) / static_cast<double>(steps_per_epoch_);
  }

  void after_step() {
    const std::int64_t now = stepper_.done();
    show("train");
    if (now % settings_.run.log_every == 0 || now == total_steps_) log_losses();
    const bool epoch_ends = now % steps_per_epoch_ == 0;
    const bool due = settings_.evaluate_steps > 0 ? now % settings_.evaluate_steps == 0 : epoch_ends;
    if (due || now == total_steps_) evaluate();
    const bool by_steps = settings_.run.checkpoint_steps > 0 && now % settings_.run.checkpoint_steps == 0;
    const bool by_time = settings_.run.checkpoint_minutes > 0 &&
                         seconds_since(saved_at_) > 60 * settings_.run.checkpoint_minutes;
    if ((by_steps || by_time) && now < total_steps_) save(false);
  }

  void show(const char* phase) {
    watcher_.progress({.step = stepper_.done(),
                       .steps = total_steps_,
                       .epoch = epoch_now(),
                       .loss = loss_count_ > 0 ? loss_sum_ / static_cast<double>(loss_count_) : last_loss_,
                       .learning_rate = stepper_.rate(),
                       .tokens_per_second = static_cast<double>(tokens_) / std::max(training_seconds_, 1e-9),
                       .phase = phase});
  }

  void log_losses() {
    if (loss_count_ == 0) return;
    last_loss_ = loss_sum_ / static_cast<double>(loss_count_);
    log_->add(stepper_.done(), epoch_now(), time_before_ + seconds_since(started_),
              {{"train/loss", last_loss_},
               {"learning_rate", stepper_.rate()},
               {"gradient_norm", stepper_.norm()},
               {"tokens_per_second", static_cast<double>(tokens_) / std::max(training_seconds_, 1e-9)}});
    loss_sum_ = 0;
    loss_count_ = 0;
  }

  void evaluate() {
    if (ready_.head->dev().empty()) return;
    stepper_.adam().catch_up_all();
    const AveragedWeights::Use averaged(averaged_);
    metrics_ = evaluate_dev();
    std::vector<report::NamedValue> values;
    for (const metrics::Metric& metric : metrics_) values.push_back({"dev/" + metric.name, metric.value});
    log_->add(stepper_.done(), epoch_now(), time_before_ + seconds_since(started_), values);
    const double value = metrics::value_of(metrics_, main_metric_);
    const bool better = !best_ || value > best_->value || (std::isnan(best_->value) && !std::isnan(value));
    watcher_.note("step " + std::to_string(stepper_.done()) + ": " + main_metric_ + " " +
                  std::to_string(value) + (better ? ", the best so far" : ""));
    waited_ = better ? 0 : waited_ + 1;
    if (!better) return;
    best_ = Best{value, stepper_.done(), metrics_};
    write_model();
  }

  metrics::Metrics evaluate_dev() {
    const at::NoGradGuard no_gradients;
    const std::vector<Example>& dev = ready_.head->dev();
    ready_.head->begin_evaluation();
    // No gradients are kept, so twice as many fit.
    const auto size = static_cast<std::size_t>(2 * settings_.run.batch_size);
    for (std::size_t begin = 0; begin < dev.size(); begin += size) {
      std::vector<const Example*> examples;
      for (std::size_t i = begin; i < std::min(begin + size, dev.size()); ++i) examples.push_back(&dev[i]);
      const Batch batch = make_batch(examples, ready_.model.info.config);
      Forward forward(ready_.model, {.bf16 = settings_.run.bf16}, batch, ready_.head->needed_rows());
      ready_.head->collect(ready_.head->logits(forward), examples);
      show("evaluate");
    }
    return ready_.head->figures();
  }

  bool out_of_patience() const { return settings_.patience > 0 && waited_ >= settings_.patience; }

  HeadFacts head_facts() const {
    return {.architecture = ready_.head->architecture(),
            .labels = ready_.head->labels(),
            .problem_type = ready_.head->problem_type()};
  }

  void write_model() {
    write_model_folder(settings_.run.output, ready_.model, head_facts(), ready_.tokenizer_folder);
  }

  /// A checkpoint that fails on the way, as on a full disk, ends nothing: the one of before is still there.
  void save(bool last) {
    TrainingState state;
    stepper_.save(state);
    averaged_.save(state);
    state.step = stepper_.done();
    for (const auto& [name, value] : facts_of(settings_)) state.facts["setting." + name] = value;
    state.facts["loss_sum"] = exact_text(loss_sum_);
    state.facts["loss_count"] = std::to_string(loss_count_);
    state.facts["time"] = exact_text(time_before_ + seconds_since(started_));
    state.facts["waited"] = std::to_string(waited_);
    if (best_) {
      state.facts["best"] = exact_text(best_->value);
      state.facts["best_step"] = std::to_string(best_->step);
      for (const metrics::Metric& metric : best_->metrics)
        state.facts["best." + metric.name] = exact_text(metric.value);
    }
    try {
      checkpoints_.write(state);
    } catch (const UserError& error) {
      if (last) throw;
      watcher_.warn(error.what());
    }
    saved_at_ = steady_clock::now();
  }

  std::int64_t resume() {
    const TrainingState state = checkpoints_.read();
    for (const auto& [name, value] : facts_of(settings_)) {
      const std::string& before = state.fact("setting." + name);
      if (before != value) {
        throw UserError(settings_.run.output + ": the training was begun with " + name + " '" + before +
                        "', expected the same to resume it, found '" + value + "'");
      }
    }
    stepper_.restore(state);
    averaged_.restore(state);
    loss_sum_ = state.number("loss_sum");
    loss_count_ = std::stoll(state.fact("loss_count"));
    time_before_ = state.number("time");
    waited_ = std::stoll(state.fact("waited"));
    if (state.facts.contains("best")) {
      best_ = Best{state.number("best"), std::stoll(state.fact("best_step")), {}};
      for (const auto& [name, value] : state.facts) {
        if (name.starts_with("best.")) best_->metrics.push_back({name.substr(5), state.number(name)});
      }
    }
    return state.step;
  }

  TrainOutcome stopped() {
    save(true);
    return {.stopped = true,
            .steps = stepper_.done(),
            .loss = last_loss_,
            .metrics = best_ ? best_->metrics : metrics_};
  }

  TrainOutcome finish() {
    if (!best_) {  // nothing to evaluate on: the last weights are the result
      stepper_.adam().catch_up_all();
      const AveragedWeights::Use averaged(averaged_);
      write_model();
    }
    const double seconds = time_before_ + seconds_since(started_);
    const metrics::Metrics metrics = best_ ? best_->metrics : metrics_;
    write_results(metrics, seconds);
    checkpoints_.remove();
    return {.stopped = false, .steps = stepper_.done(), .loss = last_loss_, .metrics = metrics};
  }

  void write_results(const metrics::Metrics& metrics, double seconds) {
    TrainingLog::Summary summary{.title = "berta finetune: " + std::string(name_of(settings_.task)),
                                 .results = {},
                                 .seconds = seconds,
                                 .config = {},
                                 .facts = {}};
    std::string results = "{";
    for (const metrics::Metric& metric : metrics) {
      summary.results.push_back({metric.name, metric.value});
      if (results.size() > 1) results += ", ";
      io::append_json_string(results, metric.name);
      results += ": ";
      io::append_json_number(results, metric.value);
    }
    io::write_file(io::join(settings_.run.output, "eval_results.json"), results + "}\n");
    summary.config = config_text(ready_.model.info, head_facts());
    summary.facts.push_back({"Settings", facts_of(settings_)});
    summary.facts.push_back({"Data",
                             {{"examples to train", std::to_string(train_.size())},
                              {"examples to evaluate", std::to_string(ready_.head->dev().size())},
                              {"parameters", std::to_string(ready_.model.count())},
                              {"threads", std::to_string(threads())},
                              {"berta", settings_.run.version}}});
    log_->write_report(summary);
    io::write_file(io::join(settings_.run.output, "README.md"),
                   model_card_text(settings_, *ready_.head, metrics));
  }

  struct Best {
    double value;
    std::int64_t step;
    metrics::Metrics metrics;
  };

  const FinetuneSettings& settings_;
  Watcher& watcher_;
  Prepared ready_;
  DropoutRates rates_;
  const std::vector<Example>& train_;
  std::int64_t steps_per_epoch_;
  std::int64_t total_steps_;
  Stepper stepper_;
  AveragedWeights averaged_;
  CheckpointFolder checkpoints_;
  std::string main_metric_;
  TrainingLog* log_ = nullptr;
  std::vector<std::size_t> order_;
  std::int64_t order_epoch_ = -1;
  double loss_sum_ = 0;  // since the last line of the log
  std::int64_t loss_count_ = 0;
  double last_loss_ = std::numeric_limits<double>::quiet_NaN();
  std::int64_t tokens_ = 0;
  double training_seconds_ = 0;
  double time_before_ = 0;  // of the runs that this one goes on with
  std::optional<Best> best_;
  std::int64_t waited_ = 0;
  metrics::Metrics metrics_;
  steady_clock::time_point started_, saved_at_;
};

}  // namespace

TrainOutcome finetune(const FinetuneSettings& settings, Watcher& watcher) {
  set_threads(settings.run.threads);
  at::set_num_threads(threads());
  keep_freed_memory();
  return Finetuning(settings, watcher).run();
}

}  // namespace berta::train
