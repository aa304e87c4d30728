#include "train/finetune/finetune_trainee.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/random_stream.h"
#include "io/atomic_file.h"
#include "io/checkpoint.h"
#include "io/folder.h"
#include "kernels/dropout.h"
#include "train/model/lora.h"
#include "train/model/model_folder.h"
#include "train/optim/rates.h"
#include "train/run/device.h"

namespace berta::train {
namespace {

std::int64_t rounded_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

std::int64_t count_steps_per_epoch(const FinetuneSettings& settings, const std::vector<Example>& train) {
  if (train.empty()) throw UserError("expected training data, found none");
  const std::int64_t batches = rounded_up(static_cast<std::int64_t>(train.size()), settings.run.batch_size);
  return rounded_up(batches, settings.run.accumulation);
}

/// One line a sequence: which record it came from, and its ids.
std::string sequences_text(const std::vector<std::vector<const Example*>>& batches) {
  std::string text;
  for (const auto& examples : batches) {
    for (const Example* example : examples) {
      for (const infer::Sequence& sequence : example->sequences) {
        text += "{\"record\": " + std::to_string(example->source) + ", \"input_ids\": [";
        for (std::size_t i = 0; i < sequence.ids.size(); ++i) {
          text += (i == 0 ? "" : ", ") + std::to_string(sequence.ids[i]);
        }
        text += "]}\n";
      }
    }
  }
  return text;
}

}  // namespace

FinetuneStart start_finetuning(const FinetuneSettings& settings) {
  FinetuneStart start;
  const at::Device device = training_device(settings.run.device);
  start.tokenizer_folder = settings.tokenizer.empty() ? settings.model : settings.tokenizer;
  const io::Checkpoint checkpoint = io::Checkpoint::open(settings.model);
  start.info = infer::read_config(settings.model, checkpoint);
  start.tokenizer = tokenizer::load_tokenizer(start.tokenizer_folder);
  start.head = make_task_head({settings, *start.tokenizer, start.info});
  ModelPlan plan{.heads = start.head->heads(),
                 .seed = settings.run.seed,
                 .device = device,
                 .plain = settings.run.plain_forms};
  const auto labels = static_cast<std::int64_t>(start.head->labels().size());
  const auto* classifier = checkpoint.find(start.info.prefix.heads + "classifier.weight");
  plan.new_classifier = classifier != nullptr && classifier->view.shape.front() != labels;
  if (labels > 0) {
    start.info.config.labels = labels;
    start.info.labels = start.head->labels();
  }
  start.model = load_model(settings.model, plan, start.info);
  add_adapters(start.model, settings.lora, settings.run.seed);
  return start;
}

FinetuneTrainee::FinetuneTrainee(const FinetuneSettings& settings, Watcher& watcher, FinetuneStart start,
                                 Workers& workers)
    : settings_(settings),
      watcher_(watcher),
      workers_(workers),
      start_(std::move(start)),
      rates_(dropout_rates(start_.info, settings)),
      train_(start_.head->train()),
      steps_per_epoch_(count_steps_per_epoch(settings, train_)),
      total_steps_(settings.run.max_steps > 0 ? settings.run.max_steps : settings.epochs * steps_per_epoch_),
      stepper_(start_.model, settings.optimizer, total_steps_, 0, workers),
      averaged_(start_.model, settings.ema_decay),
      main_metric_(settings.metric.empty() ? start_.head->main_metric() : settings.metric) {}

double FinetuneTrainee::epoch(std::int64_t done) const {
  return static_cast<double>(done) / static_cast<double>(steps_per_epoch_);
}

/// Each epoch has its own order, a function of the seed alone.
FinetuneTrainee::Picked FinetuneTrainee::batch_examples(std::int64_t epoch, std::int64_t batch) {
  if (order_epoch_ != epoch) {
    order_.resize(train_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    RandomStream random(settings_.run.seed, static_cast<std::uint64_t>(epoch));
    for (std::size_t i = order_.size(); i > 1; --i) {
      std::swap(order_[i - 1], order_[random.below(static_cast<std::uint32_t>(i))]);
    }
    order_epoch_ = epoch;
  }
  Picked examples;
  const auto size = static_cast<std::size_t>(settings_.run.batch_size);
  const std::size_t begin = static_cast<std::size_t>(batch) * size;
  for (std::size_t i = begin; i < std::min(begin + size, order_.size()); ++i) {
    examples.push_back(&train_[order_[i]]);
  }
  return examples;
}

std::vector<FinetuneTrainee::Picked> FinetuneTrainee::step_examples(std::int64_t now) {
  std::vector<Picked> batches;
  const std::int64_t first = now % steps_per_epoch_ * settings_.run.accumulation;
  for (std::int64_t i = 0; i < settings_.run.accumulation; ++i) {
    Picked examples = batch_examples(now / steps_per_epoch_, first + i);
    if (!examples.empty()) batches.push_back(std::move(examples));
  }
  return batches;
}

RunOptions FinetuneTrainee::run_options(std::uint64_t key) const {
  return {.bf16 = settings_.run.bf16,
          .checkpointing = settings_.run.checkpointing,
          .dropout = rates_,
          .key = own_key(kernels::mix(settings_.run.seed ^ kernels::mix(key)), workers_),
          // Averaged weights take in all rows after each step, so none may lag behind.
          .by_rows = settings_.ema_decay == 0 ? start_.model.weights.encoder.embeddings.word : at::Tensor(),
          .perturbation = perturbation()};
}

/// Microsoft's norm stays in the model of a SiFT training, also for its evaluations: cleanup() ends the
/// perturbation only. A saved model goes without, as theirs does; LN(LN0(e)) is LN(e) but for epsilon.
Perturbation FinetuneTrainee::perturbation() const {
  return {.normalise = settings_.sift.weight > 0, .delta = {}};
}

FinetuneTrainee::Own FinetuneTrainee::own_part(const Picked& batch) const {
  if (workers_.alone()) return {batch, 1};
  const Part part = part_of(static_cast<std::int64_t>(batch.size()), workers_);
  const Picked own(batch.begin() + part.begin, batch.begin() + part.end);
  const auto all = static_cast<double>(std::max<std::size_t>(start_.head->loss_terms(batch), 1));
  return {own, static_cast<double>(start_.head->loss_terms(own)) / all};
}

StepReport FinetuneTrainee::step(std::int64_t now) {
  StepReport report{.losses = {{"train/loss", 0}}};
  const std::vector<Picked> batches = step_examples(now);
  const double share = 1.0 / static_cast<double>(batches.size());
  auto number = static_cast<std::uint64_t>(now * settings_.run.accumulation);
  for (const Picked& all : batches) {
    const auto [examples, part] = own_part(all);
    const Batch batch = make_batch(examples, start_.model.info.config);
    // Layers that run again give their gradients one by one, so none is final before the end.
    if (&all == &batches.back() && !settings_.run.checkpointing) stepper_.sums().begin_last_pass();
    report.losses[0].value += backward(examples, batch, number++, share * part);
    report.tokens += static_cast<std::int64_t>(batch.tokens.ids.size());
  }
  const double norm = stepper_.gradient_norm();
  const bool dumps = !settings_.dump_step.empty() && now == 0;
  StepDump dump;
  if (dumps) dump.add_gradients("", start_.model);
  if (stepper_.step(norm) == Stepper::Result::skipped) {
    skipped(batches);
  } else {
    averaged_.update();
  }
  if (dumps) {
    stepper_.adam().catch_up_all();
    for (const auto& [name, tensor] : sift_dump_) dump.add(name, tensor);
    dump.add("loss", report.losses[0].value);
    dump.add_weights("", start_.model);
    dump.write(settings_.dump_step);
  }
  report.learning_rate = stepper_.rate();
  report.gradient_norm = stepper_.norm();
  return report;
}

double FinetuneTrainee::backward(const Picked& examples, const Batch& batch, std::uint64_t key,
                                 double share) {
  stepper_.adam().catch_up(start_.model.weights.encoder.embeddings.word, batch.tokens.ids);
  if (examples.empty()) return 0;
  const TaskHead& head = *start_.head;
  Forward forward(start_.model, run_options(key), batch, head.needed_rows());
  const at::Tensor logits = head.logits(forward);
  at::Tensor loss = head.loss(logits, examples) * share;
  std::optional<Sift> sift;  // lives as long as its part of the graph
  if (settings_.sift.weight > 0) {
    sift.emplace(settings_.sift, sift_batch(batch, examples, key));
    loss = loss + settings_.sift.weight * share * sift->loss(head.distributions(logits, examples));
    sift_dump_ = {{"sift.start", sift->start()}, {"sift.ids", at::tensor(batch.tokens.ids)}};
  }
  loss.backward();
  return loss.item<double>();
}

SiftBatch FinetuneTrainee::sift_batch(const Batch& batch, const Picked& examples, std::uint64_t key) const {
  return {.model = start_.model,
          .batch = batch,
          .needed = start_.head->needed_rows(),
          .options = run_options(key),
          .distributions = [&head = *start_.head, examples](Forward& forward) {
            return head.distributions(head.logits(forward), examples);
          }};
}

void FinetuneTrainee::skipped(const std::vector<Picked>& batches) {
  watcher_.warn("step " + std::to_string(stepper_.done()) +
                ": the gradients are not finite; the step is left out");
  if (stepper_.skipped_in_a_row() < Stepper::kMostSkipped) return;
  const std::string file = io::join(settings_.run.output, "not-finite.jsonl");
  if (workers_.is_first()) io::write_file(file, sequences_text(batches));
  throw UserError("training diverged: the gradients of " + std::to_string(Stepper::kMostSkipped) +
                  " steps in a row are not finite; the last batch is in " + file);
}

void FinetuneTrainee::evaluate(std::int64_t done, bool last, std::vector<report::NamedValue>& measured) {
  const std::int64_t every = settings_.evaluate_steps > 0 ? settings_.evaluate_steps : steps_per_epoch_;
  if (start_.head->dev().empty() || (done % every != 0 && !last)) return;
  stepper_.adam().catch_up_all();
  const AveragedWeights::Use averaged(averaged_);
  last_figures_ = evaluate_dev(done);
  for (const metrics::Metric& metric : last_figures_)
    measured.push_back({"dev/" + metric.name, metric.value});
  const double value = number_of_first(workers_, metrics::value_of(last_figures_, main_metric_));
  const bool better = !best_ || value > best_->value || (std::isnan(best_->value) && !std::isnan(value));
  watcher_.note("step " + std::to_string(done) + ": " + main_metric_ + " " + std::to_string(value) +
                (better ? ", the best so far" : ""));
  waited_ = better ? 0 : waited_ + 1;
  if (!better) return;
  best_ = Best{value, done, last_figures_};
  if (!workers_.is_first()) return;
  write_model();
  if (start_.head->has_predictions())
    write_predictions(io::join(settings_.run.output, kDevPredictions), start_.head->predictions());
}

metrics::Metrics FinetuneTrainee::evaluate_dev(std::int64_t done) {
  const at::NoGradGuard no_gradients;
  TaskHead& head = *start_.head;
  const std::vector<Example>& dev = head.dev();
  head.begin_evaluation();
  // No gradients are kept, so twice as many fit.
  const auto size = static_cast<std::size_t>(2 * settings_.run.batch_size);
  const auto workers = static_cast<std::size_t>(workers_.size());
  for (std::size_t begin = 0; begin < dev.size(); begin += size * workers) {
    const at::Tensor own = dev_logits(begin + size * static_cast<std::size_t>(workers_.rank()), size);
    std::size_t next = begin;
    for (const at::Tensor& logits : gather_rows(workers_, own)) {
      const Picked examples = dev_examples(next, size);
      if (!examples.empty()) head.collect(logits, examples);
      next += size;
    }
    watcher_.progress({.step = done, .steps = total_steps_, .epoch = epoch(done), .phase = "evaluate"});
  }
  return head.figures();
}

FinetuneTrainee::Picked FinetuneTrainee::dev_examples(std::size_t begin, std::size_t size) const {
  const std::vector<Example>& dev = start_.head->dev();
  Picked examples;
  for (std::size_t i = begin; i < std::min(begin + size, dev.size()); ++i) examples.push_back(&dev[i]);
  return examples;
}

at::Tensor FinetuneTrainee::dev_logits(std::size_t begin, std::size_t size) const {
  const TaskHead& head = *start_.head;
  // One that has nothing left joins with the first example, and gives none of its rows.
  const bool behind = begin >= head.dev().size();
  const Picked examples = behind ? dev_examples(0, 1) : dev_examples(begin, size);
  const Batch batch = make_batch(examples, start_.model.info.config);
  Forward forward(start_.model, {.bf16 = settings_.run.bf16, .perturbation = perturbation()}, batch,
                  head.needed_rows());
  const at::Tensor logits = head.logits(forward);
  return behind ? logits.narrow(0, 0, 0) : logits;
}

HeadFacts FinetuneTrainee::head_facts() const {
  return {.architecture = start_.head->architecture(),
          .labels = start_.head->labels(),
          .problem_type = start_.head->problem_type()};
}

void FinetuneTrainee::write_model() {
  write_model_folder(settings_.run.output, start_.model, head_facts(),
                     {.tokenizer = start_.tokenizer_folder, .dtype = settings_.run.saved});
}

void FinetuneTrainee::check_metric() {
  if (settings_.metric.empty() || start_.head->dev().empty()) return;
  metrics::value_of(evaluate_dev(0), main_metric_);
}

void FinetuneTrainee::finish() {
  if (best_) return;
  stepper_.adam().catch_up_all();
  const AveragedWeights::Use averaged(averaged_);
  if (workers_.is_first()) write_model();
}

void FinetuneTrainee::save(TrainingState& state) {
  stepper_.save(state);
  averaged_.save(state);
  state.facts["waited"] = std::to_string(waited_);
  if (!best_) return;
  state.facts["best"] = exact_text(best_->value);
  state.facts["best_step"] = std::to_string(best_->step);
  for (std::size_t i = 0; i < best_->metrics.size(); ++i) {
    state.facts["best_name." + std::to_string(i)] = best_->metrics[i].name;
    state.facts["best_value." + std::to_string(i)] = exact_text(best_->metrics[i].value);
  }
}

void FinetuneTrainee::restore(const TrainingState& state) {
  stepper_.restore(state);
  averaged_.restore(state);
  waited_ = std::stoll(state.fact("waited"));
  if (!state.facts.contains("best")) return;
  best_ = Best{state.number("best"), std::stoll(state.fact("best_step")), {}};
  for (std::size_t i = 0; state.facts.contains("best_name." + std::to_string(i)); ++i) {
    const std::string at = std::to_string(i);
    best_->metrics.push_back({state.fact("best_name." + at), state.number("best_value." + at)});
  }
}

}  // namespace berta::train
