#pragma once

#include <string>
#include <vector>

#include "train/settings.h"

namespace berta::train {

/// True where the settings ask for several trainings: of several seeds, or of folds.
bool is_series(const FinetuneSettings& settings);

/// The folders that they go to.
std::vector<std::string> series_folders(const FinetuneSettings& settings);

/// Throws UserError for several trainings that make no sense: without data to evaluate on, seeds and folds.
void check_series(const FinetuneSettings& settings);

/// One training after another, into OUTPUT/seed-N or OUTPUT/fold-N, and OUTPUT/summary.json: each one's
/// figures, their means and sample standard deviations, and the best one. Folds also leave
/// OUTPUT/out_of_fold.csv, what each model says of the rows that it was not trained on. With `resume` those
/// that are done are left as they are. Throws UserError; without data to evaluate on before anything is
/// trained.
TrainOutcome finetune_series(const FinetuneSettings& settings, Watcher& watcher);

}  // namespace berta::train
