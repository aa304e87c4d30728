#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "report/named_value.h"
#include "train/run/training_checkpoint.h"
#include "train/run/training_log.h"
#include "train/settings.h"
#include "train/settings_facts.h"
#include "train/workers/workers.h"

namespace berta::train {

/// One step as the log tells of it.
struct StepReport {
  /// The first is the one that the progress bar shows. Of several workers each has its part of the sum.
  std::vector<report::NamedValue> losses;
  double learning_rate = 0;
  double gradient_norm = 0;
  std::int64_t tokens = 0;  ///< of the texts; tokens that were dropped count
};

/// What a loop trains.
class Trainee {
 public:
  virtual ~Trainee() = default;
  /// Step `now` (from 0). Throws UserError when the training is lost.
  virtual StepReport step(std::int64_t now) = 0;
  /// After step number `done`: evaluates when it is time. `last`: after all steps. Adds what it measured.
  virtual void evaluate(std::int64_t done, bool last, std::vector<report::NamedValue>& measured) = 0;
  /// True to end before all steps are done.
  virtual bool ends_early() const { return false; }
  virtual double epoch(std::int64_t done) const = 0;
  virtual void save(TrainingState& state) = 0;
  virtual void restore(const TrainingState& state) = 0;
};

/// Of several workers the first speaks.
class FirstWatcher final : public Watcher {
 public:
  FirstWatcher(Watcher& watcher, bool speaks) : watcher_(watcher), speaks_(speaks) {}
  void note(const std::string& message) override {
    if (speaks_) watcher_.note(message);
  }
  void warn(const std::string& message) override {
    if (speaks_) watcher_.warn(message);
  }
  void progress(const TrainProgress& progress) override {
    if (speaks_) watcher_.progress(progress);
  }
  bool stop() override { return watcher_.stop(); }

 private:
  Watcher& watcher_;
  bool speaks_;
};

/// Steps, log, checkpoints, signals: the same for all trainings. All workers run it, stop at the same step
/// when one is told to, and make the same calls of the Trainee; the first writes.
class RunLoop {
 public:
  RunLoop(const RunSettings& run, SettingFacts facts, Watcher& watcher, Workers& workers = only_worker());

  /// Runs up to `steps`, going on from a checkpoint where that is asked for and there. False: stopped with a
  /// checkpoint. Throws UserError: other settings than those of the checkpoint, a training that is over, no
  /// space for the log.
  bool run(Trainee& trainee, std::int64_t steps);

  double seconds() const;  ///< of all parts of a resumed training
  double loss() const { return last_loss_; }
  std::int64_t done() const { return done_; }
  TrainingLog& log() { return *log_; }  ///< of the first worker
  /// When everything is written.
  void remove_checkpoint() const { checkpoints_.remove(); }

 private:
  using Clock = std::chrono::steady_clock;

  void begin(Trainee& trainee);
  void resume(Trainee& trainee);
  /// The report of all workers, and what they do next.
  void share(StepReport& report);
  void save(Trainee& trainee, bool last);
  void count(const StepReport& report, double seconds);
  void write_losses(const Trainee& trainee);
  void show(const Trainee& trainee, std::int64_t steps, const StepReport& report);

  const RunSettings& run_;
  SettingFacts facts_;
  Watcher& watcher_;
  CheckpointFolder checkpoints_;
  Workers& workers_;
  std::optional<TrainingLog> log_;  // of the first
  bool stops_ = false, save_is_due_ = false;
  std::int64_t done_ = 0;
  std::vector<report::NamedValue> sums_;  // of the losses since the last line of the log
  std::int64_t count_ = 0;
  double last_loss_ = 0;
  double rate_ = 0, norm_ = 0;
  double tokens_ = 0, training_seconds_ = 0;  // since the last line of the log
  double tokens_per_second_ = 0;
  double time_before_ = 0;
  Clock::time_point started_, saved_at_;
};

}  // namespace berta::train
