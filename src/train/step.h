#pragma once

#include <cstdint>
#include <functional>

#include "train/adam.h"
#include "train/settings.h"

namespace berta::train {

/// The optimiser, schedule, clipping and the treatment of steps that are not finite: one step from gradients
/// to weights.
class Stepper {
 public:
  /// `total_steps`: of the whole training, for the schedule.
  Stepper(const TrainModel& model, const OptimizerSettings& settings, std::int64_t total_steps);

  enum class Result : std::uint8_t { stepped, skipped };
  /// Takes the gradients that the parameters have. A norm that is not finite changes nothing but the count.
  Result step();
  /// Steps in a row that were skipped; three mean that the training is lost.
  static constexpr int kMostSkipped = 3;
  int skipped_in_a_row() const { return skipped_; }

  std::int64_t done() const { return done_; }
  double rate() const { return rate_; }  ///< of the last step
  double norm() const { return norm_; }  ///< of its gradients, before clipping
  Adam& adam() { return adam_; }

  /// Into and out of a checkpoint; the parameters are in it too.
  void save(struct TrainingState& state);
  void restore(const struct TrainingState& state);

 private:
  const OptimizerSettings& settings_;
  Schedule schedule_;
  Adam adam_;
  std::int64_t done_ = 0;
  int skipped_ = 0;
  double rate_ = 0;
  double norm_ = 0;
};

}  // namespace berta::train
