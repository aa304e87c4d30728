#pragma once

#include <functional>

#include "cli/console.h"
#include "cli/option.h"
#include "train/settings.h"

namespace berta::cli {

/// How a training is shown in place of being done.
struct DryRun {
  bool asked = false;
  bool json = false;
};

/// Throws UsageError where only a part of them is given.
void check_dry_run(const DryRun& dry_run);

void add_dry_run_options(std::vector<Option>& options, DryRun& dry_run);

/// Makes the plan, prints it as text or as one JSON object, and returns the exit status.
int print_plan(Console& console, const DryRun& dry_run,
               const std::function<train::TrainPlan(train::Watcher&)>& make);

}  // namespace berta::cli
