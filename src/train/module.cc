#include "train/module.h"

#include <c10/util/Exception.h>

#include "core/error.h"
#include "train/finetune/finetune.h"
#include "train/finetune/series.h"
#include "train/plan/plan.h"
#include "train/pretrain/pretrain.h"

namespace berta::train {
namespace {

/// What libtorch throws, as one of ours: no memory is the user's to mend, anything else is a bug.
template <class Run>
auto guarded(const Run& run) {
  try {
    return run();
  } catch (const c10::Error& error) {
    const std::string what = error.what_without_backtrace();
    if (what.find("allocate memory") != std::string::npos ||
        what.find("out of memory") != std::string::npos) {
      throw UserError(
          "out of memory: a smaller --batch-size or --max-length, --gradient-checkpointing or --bf16 needs "
          "less");
    }
    throw InternalError("libtorch: " + what);
  }
}

TrainOutcome guarded_pretrain(const PretrainSettings& settings, Watcher& watcher) {
  return guarded([&] { return pretrain(settings, watcher); });
}

TrainOutcome guarded_finetune(const FinetuneSettings& settings, Watcher& watcher) {
  return guarded(
      [&] { return is_series(settings) ? finetune_series(settings, watcher) : finetune(settings, watcher); });
}

TrainPlan guarded_finetune_plan(const FinetuneSettings& settings, Watcher& watcher) {
  return guarded([&] { return plan_finetuning(settings, watcher); });
}

TrainPlan guarded_pretrain_plan(const PretrainSettings& settings, Watcher& watcher) {
  return guarded([&] { return plan_pretraining(settings, watcher); });
}

}  // namespace
}  // namespace berta::train

extern "C" __attribute__((visibility("default"))) const berta::train::Module* berta_train_module() {
  static constexpr berta::train::Module kModule = {
      berta::train::kModuleInterface, berta::train::guarded_finetune, berta::train::guarded_pretrain,
      berta::train::guarded_finetune_plan, berta::train::guarded_pretrain_plan};
  return &kModule;
}
