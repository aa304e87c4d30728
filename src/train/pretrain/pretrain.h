#pragma once

#include "train/settings.h"

namespace berta::train {

/// Pretrains on a prepared corpus: a masked language model into the output folder, or a generator and a
/// discriminator into its folders "generator" and "discriminator". Goes on from a checkpoint to the bit.
/// Throws UserError.
/// What that would do: two steps are run in memory, and nothing is written. Throws UserError as pretrain().
TrainPlan plan_pretraining(const PretrainSettings& settings, Watcher& watcher);

TrainOutcome pretrain(const PretrainSettings& settings, Watcher& watcher);

}  // namespace berta::train
