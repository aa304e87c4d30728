#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/dropout.h"
#include "report/named_value.h"
#include "tokenizer/tokenizer.h"
#include "train/objectives/masked_batches.h"
#include "train/optim/step.h"
#include "train/run/dump_step.h"
#include "train/run/run_loop.h"
#include "train/workers/workers.h"

namespace berta::train {

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

  void evaluate(std::int64_t done, bool last, std::vector<report::NamedValue>& measured) override;

  /// All rows of all tables to the present step. All workers call it, before what follows.
  virtual void catch_up() = 0;
  virtual void write_models() = 0;
  /// Those that are trained, by name.
  virtual std::vector<std::pair<std::string, const TrainModel*>> models() const = 0;
  const std::vector<report::NamedValue>& last() const { return last_; }
  const MaskedBatches& batches() const { return batches_; }

 protected:
  /// Figures of a held-out batch, and their names, "dev/..." each, with zeros.
  virtual std::vector<double> measure(const MaskedBatch& batch, std::uint64_t key) = 0;
  virtual std::vector<report::NamedValue> figure_names() const = 0;

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
  void step_or_skip(std::int64_t now, const Trained& trained, double norm);

  const PretrainSettings& settings_;

 private:
  /// This worker's part of a batch, with its shares of all parts.
  MaskedBatch own_part(std::int64_t number);
  /// Means over the parts, which are dealt out to the workers.
  std::vector<report::NamedValue> measure_held_out();

  Watcher& watcher_;
  Workers& workers_;
  MaskedBatches batches_;
  StepDump dump_;
  std::vector<report::NamedValue> last_;
};

/// A masked language model.
std::unique_ptr<Pretraining> masked_pretraining(const PretrainSettings& settings, const PretrainWorld& world);
/// A generator and a discriminator.
std::unique_ptr<Pretraining> rtd_pretraining(const PretrainSettings& settings, const PretrainWorld& world);
/// Either, as the settings say.
std::unique_ptr<Pretraining> make_pretraining(const PretrainSettings& settings, const PretrainWorld& world);

}  // namespace berta::train
