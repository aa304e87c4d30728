#pragma once

#include "train/settings.h"

namespace berta::train {

/// Fine-tunes a model folder on labelled data and writes the best model, its log and a report to the output
/// folder; goes on from a checkpoint to the bit. Throws UserError.
TrainOutcome finetune(const FinetuneSettings& settings, Watcher& watcher);

}  // namespace berta::train
