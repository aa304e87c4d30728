#pragma once

#include "train/settings.h"

namespace berta::train {

/// Pretrains on a prepared corpus: a masked language model into the output folder, or a generator and a
/// discriminator into its folders "generator" and "discriminator". Goes on from a checkpoint to the bit.
/// Throws UserError.
TrainOutcome pretrain(const PretrainSettings& settings, Watcher& watcher);

}  // namespace berta::train
