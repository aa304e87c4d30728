#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/plan/memory_estimate.h"
#include "train/run/run_loop.h"

namespace berta::train {

/// Collects what a dry run says. The same for fine-tuning and pretraining.
class Planner {
 public:
  void text(const std::string& name, std::string value);
  void count(const std::string& name, double number);
  void bytes(const std::string& name, double number);
  void seconds(const std::string& name, double number);
  void file(std::string name) { plan_.files.push_back(std::move(name)); }

  /// What the training computes on; to be said before memory() and time_steps().
  void device(const at::Device& device);
  /// Batch, steps, optimiser, schedule.
  void settings(const RunSettings& run, const OptimizerSettings& optimizer, std::int64_t steps);
  /// Memory of all models, and on the CPU what the process has beside them and what there is. Returns the
  /// sum.
  double memory(const std::vector<MemoryEstimate>& models);

  /// Runs two steps, of which the second counts, and gives its seconds a token; they change tensors only.
  /// 0 where `needed` bytes are more than the machine has: that would say nothing of the training. A GPU says
  /// so itself.
  double time_steps(Trainee& trainee, double needed);

  TrainPlan take() { return std::move(plan_); }

 private:
  void add(PlanFact fact) { plan_.facts.push_back(std::move(fact)); }

  TrainPlan plan_;
  bool on_cpu_ = true;
};

/// What fine-tuning would do: data, model and optimiser are made, two steps are run in memory, nothing is
/// written. Throws UserError as finetune().
TrainPlan plan_finetuning(const FinetuneSettings& settings, Watcher& watcher);

}  // namespace berta::train
