#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "train/heads/task_head.h"
#include "train/model/model_folder.h"
#include "train/objectives/sift.h"
#include "train/optim/averaged_weights.h"
#include "train/optim/step.h"
#include "train/run/dump_step.h"
#include "train/run/run_loop.h"
#include "train/workers/workers.h"

namespace berta::train {

/// What a fine-tuning begins from: a model folder's config, tokenizer and weights, and the task's data.
struct FinetuneStart {
  infer::ModelInfo info;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
  std::string tokenizer_folder;
  std::unique_ptr<TaskHead> head;
  TrainModel model;
};

/// Reads all that. Throws UserError.
FinetuneStart start_finetuning(const FinetuneSettings& settings);

/// A fine-tuning for the RunLoop. Keeps the best model by the main figure in the output folder.
class FinetuneTrainee final : public Trainee {
 public:
  FinetuneTrainee(const FinetuneSettings& settings, Watcher& watcher, FinetuneStart start,
                  Workers& workers = only_worker());

  std::int64_t steps() const { return total_steps_; }
  const std::string& main_metric() const { return main_metric_; }
  const FinetuneStart& start() const { return start_; }
  HeadFacts head_facts() const;

  StepReport step(std::int64_t now) override;
  void evaluate(std::int64_t done, bool last, std::vector<report::NamedValue>& measured) override;
  bool ends_early() const override { return settings_.patience > 0 && waited_ >= settings_.patience; }
  double epoch(std::int64_t done) const override;
  void save(TrainingState& state) override;
  void restore(const TrainingState& state) override;

  /// Evaluates once, so that a --metric that the task does not have is refused before anything is trained.
  /// Throws UserError.
  void check_metric();
  /// Writes the last weights if no evaluation chose better ones. All workers call it.
  void finish();
  /// Figures of the best model, or of the last evaluation; empty without dev data.
  const metrics::Metrics& figures() const { return best_ ? best_->metrics : last_figures_; }

 private:
  using Picked = std::vector<const Example*>;

  std::vector<Picked> step_examples(std::int64_t now);
  Picked batch_examples(std::int64_t epoch, std::int64_t batch);
  RunOptions run_options(std::uint64_t key) const;
  /// This worker's examples of a batch, and what their loss counts in that of all.
  struct Own {
    Picked examples;
    double share;
  };
  Own own_part(const Picked& batch) const;
  /// Adds the gradients of a batch; returns its part of the loss.
  double backward(const Picked& examples, const Batch& batch, std::uint64_t key, double share);
  SiftBatch sift_batch(const Batch& batch, const Picked& examples, std::uint64_t key) const;
  Perturbation perturbation() const;
  /// The gradients were not finite. Throws UserError the third time in a row.
  void skipped(const std::vector<Picked>& batches);
  metrics::Metrics evaluate_dev(std::int64_t done);
  /// The head's outputs for dev examples [begin, begin + size).
  at::Tensor dev_logits(std::size_t begin, std::size_t size) const;
  Picked dev_examples(std::size_t begin, std::size_t size) const;
  void write_model();

  struct Best {
    double value;
    std::int64_t step;
    metrics::Metrics metrics;
  };

  const FinetuneSettings& settings_;
  Watcher& watcher_;
  Workers& workers_;
  FinetuneStart start_;
  DropoutRates rates_;
  const std::vector<Example>& train_;
  std::int64_t steps_per_epoch_;
  std::int64_t total_steps_;
  Stepper stepper_;
  AveragedWeights averaged_;
  std::string main_metric_;
  std::vector<std::size_t> order_;  // of the examples in order_epoch_
  std::int64_t order_epoch_ = -1;
  std::vector<std::pair<std::string, at::Tensor>> sift_dump_;  // of the last batch
  std::optional<Best> best_;
  std::int64_t waited_ = 0;  // evaluations since the best one
  metrics::Metrics last_figures_;
};

}  // namespace berta::train
