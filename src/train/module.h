#pragma once

#include "train/settings.h"

namespace berta::train {

/// What the training module gives to the command that loads it. Both come from one build: the number says so.
struct Module {
  int interface;
  TrainOutcome (*finetune)(const FinetuneSettings& settings, Watcher& watcher);
  TrainOutcome (*pretrain)(const PretrainSettings& settings, Watcher& watcher);
  TrainPlan (*plan_finetuning)(const FinetuneSettings& settings, Watcher& watcher);
  TrainPlan (*plan_pretraining)(const PretrainSettings& settings, Watcher& watcher);
};

/// Changes with every change of Module and of what its functions take.
inline constexpr int kModuleInterface = 3;

/// The one symbol that the module shows.
using ModuleEntry = const Module* (*)();
inline constexpr const char* kModuleEntry = "berta_train_module";

}  // namespace berta::train
