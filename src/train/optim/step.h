#pragma once

#include <cstdint>
#include <string>

#include "train/optim/adam.h"
#include "train/run/training_checkpoint.h"
#include "train/settings.h"
#include "train/workers/gradient_sums.h"

namespace berta::train {

/// The optimiser, schedule, clipping and the treatment of steps that are not finite: one step from gradients
/// to weights.
class Stepper {
 public:
  /// `total_steps`: of the whole training, for the schedule. `rate`: in place of the settings' where it is
  /// above 0.
  Stepper(const TrainModel& model, const OptimizerSettings& settings, std::int64_t total_steps,
          double rate = 0, Workers& workers = only_worker());

  enum class Result : std::uint8_t { stepped, skipped };
  /// Takes the gradients that the parameters have. A norm that is not finite changes nothing but the count.
  Result step() { return step(gradient_norm()); }
  /// Sums the gradients over the workers; their global norm.
  double gradient_norm();
  /// With this norm in place of the parameters' own: of models that are clipped together.
  Result step(double norm);
  /// Steps in a row that were skipped; three mean that the training is lost.
  static constexpr int kMostSkipped = 3;
  int skipped_in_a_row() const { return skipped_; }

  std::int64_t done() const { return done_; }
  double rate() const { return rate_; }  ///< of the last step
  double norm() const { return norm_; }  ///< of its gradients, before clipping
  Adam& adam() { return adam_; }

  GradientSums& sums() { return sums_; }

  /// Into and out of a checkpoint; the parameters are in it too. All workers save, and the first one's state
  /// is whole.
  /// `prefix` goes before all names, where several models are trained at once.
  void save(TrainingState& state, const std::string& prefix = "");
  void restore(const TrainingState& state, const std::string& prefix = "");

 private:
  const OptimizerSettings& settings_;
  bool plain_;
  double highest_rate_;
  Schedule schedule_;
  Workers& workers_;
  Adam adam_;
  GradientSums sums_;
  std::int64_t done_ = 0;
  int skipped_ = 0;
  double rate_ = 0;
  double norm_ = 0;
};

}  // namespace berta::train
