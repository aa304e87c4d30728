#pragma once

#include <functional>

#include "cli/console.h"
#include "train/module.h"

namespace berta::cli {

/// Loads the training module (libberta_train.so beside the command, in ../lib/berta, or where
/// BERTA_TRAIN_MODULE says). Throws UserError that says what to install where it is missing.
const train::Module& train_module();

/// Runs a training that draws a bar and says what happens; the first Ctrl-C stops it with a checkpoint.
/// Prints the result as JSON and returns the exit status.
int run_training(Console& console, const train::RunSettings& settings,
                 const std::function<train::TrainOutcome(train::Watcher&)>& run);

}  // namespace berta::cli
