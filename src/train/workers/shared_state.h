#pragma once

#include "train/run/training_checkpoint.h"
#include "train/workers/workers.h"

namespace berta::train {

/// Gives all workers the state of the first, which alone need have the file.
void send_state(Workers& workers, TrainingState& state);

}  // namespace berta::train
