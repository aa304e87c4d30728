#pragma once

#include <string>
#include <utility>
#include <vector>

#include "train/settings.h"

namespace berta::train {

/// Settings as names and texts: what a report shows, and what must be the same for a training to be resumed.
using SettingFacts = std::vector<std::pair<std::string, std::string>>;

void add_facts(SettingFacts& facts, const RunSettings& run);
void add_facts(SettingFacts& facts, const OptimizerSettings& optimizer);
SettingFacts facts_of(const FinetuneSettings& settings);
SettingFacts facts_of(const PretrainSettings& settings);

/// "classification", "multi-label", "qa", ...
const char* name_of(Task task);

}  // namespace berta::train
