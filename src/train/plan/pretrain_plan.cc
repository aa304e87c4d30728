#include "io/folder.h"
#include "train/plan/plan.h"
#include "train/pretrain/pretrain.h"
#include "train/pretrain/pretraining.h"
#include "train/run/process.h"

namespace berta::train {
namespace {

void add_files(Planner& planner, const PretrainSettings& settings) {
  const std::string& output = settings.run.output;
  const bool rtd = settings.objective == Objective::rtd;
  for (const std::string& folder :
       rtd ? std::vector{io::join(output, "generator"), io::join(output, "discriminator")}
           : std::vector{output}) {
    for (const char* name : {"model.safetensors", "config.json"}) planner.file(io::join(folder, name));
  }
  for (const char* name : {"metrics.jsonl", "report.html"}) planner.file(io::join(output, name));
}

}  // namespace

TrainPlan plan_pretraining(const PretrainSettings& asked, Watcher& watcher) {
  PretrainSettings settings = asked;
  settings.dump_step.clear();
  set_up_process(settings.run.threads);
  const auto tokenizer = tokenizer::load_tokenizer(settings.tokenizer);
  const auto pretraining = make_pretraining(settings, {watcher, only_worker(), *tokenizer});
  Planner planner;
  planner.text("objective", settings.objective == Objective::rtd ? "rtd" : "mlm");
  planner.device(device_of(*pretraining->models().front().second));
  std::vector<MemoryEstimate> memory;
  const std::int64_t kept = pretraining->batches().kept_length(settings.max_length);
  const std::int64_t rows = settings.run.batch_size * kept;
  for (const auto& [name, model] : pretraining->models()) {
    planner.count("parameters_of_" + name, static_cast<double>(model->count()));
    memory.push_back(estimate_memory(*model, {.rows = rows,
                                              .longest = kept,
                                              .reach = settings.max_length,
                                              .last_layer_rows = rows,
                                              .bf16 = settings.run.bf16,
                                              .checkpointing = settings.run.checkpointing}));
  }
  const auto steps = static_cast<double>(settings.run.max_steps);
  const std::int64_t batches = settings.run.accumulation;
  const auto tokens = static_cast<double>(settings.run.batch_size * settings.max_length * batches);
  planner.count("tokens_of_the_corpus", static_cast<double>(pretraining->batches().tokens()));
  planner.count("tokens_a_step", tokens);
  if (settings.token_drop > 0)
    planner.count("tokens_a_step_not_dropped", static_cast<double>(rows * batches));
  planner.text("epochs", std::to_string(pretraining->epoch(settings.run.max_steps)));
  planner.settings(settings.run, settings.optimizer, settings.run.max_steps);
  const double needed = planner.memory(memory);
  const double per_token = planner.time_steps(*pretraining, needed);
  if (per_token > 0) planner.seconds("time_training", per_token * tokens * steps);
  add_files(planner, settings);
  return planner.take();
}

}  // namespace berta::train
