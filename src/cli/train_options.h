#pragma once

#include <cstdint>
#include <vector>

#include "cli/option.h"
#include "train/settings.h"

namespace berta::cli {

// Options that fine-tuning and pretraining share. The settings must outlive them.
void add_run_options(std::vector<Option>& options, train::RunSettings& run);
void add_optimizer_options(std::vector<Option>& options, train::OptimizerSettings& optimizer);

/// An option that takes seeds separated by commas.
Option make_numbers(const OptionText& text, std::vector<std::uint64_t>& target);

/// What the options leave open: the command line for the report, the number of threads. Throws UsageError.
void complete(train::RunSettings& run);

}  // namespace berta::cli
