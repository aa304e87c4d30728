#include "train/finetune/finetune.h"

#include <string>

#include "core/parallel.h"
#include "io/atomic_file.h"
#include "io/folder.h"
#include "io/json.h"
#include "train/finetune/finetune_trainee.h"
#include "train/model/model_card_text.h"
#include "train/model/model_folder.h"
#include "train/run/process.h"
#include "train/run/run_loop.h"

namespace berta::train {
namespace {

void announce(const FinetuneTrainee& trainee, const FinetuneSettings& settings, Watcher& watcher) {
  const FinetuneStart& start = trainee.start();
  watcher.note(
      std::to_string(start.head->train().size()) + " examples to train, " +
      std::to_string(start.head->dev().size()) + " to evaluate; " + std::to_string(start.model.count()) +
      " parameters" +
      (start.model.adapters.empty() ? "" : ", " + std::to_string(start.model.trained()) + " trained") + ", " +
      std::to_string(trainee.steps()) + " steps" + device_note(start.model));
  std::string made;
  for (const std::string& name : start.model.made) made += (made.empty() ? "" : ", ") + name;
  if (const std::string labels = start.head->label_note(); !labels.empty()) watcher.note(labels);
  if (!made.empty()) watcher.note("new, not in " + settings.model + ": " + made);
}

/// eval_results.json, with the figures of the best model.
void write_figures(const std::string& folder, const metrics::Metrics& figures) {
  std::string text = "{";
  for (const metrics::Metric& metric : figures) {
    if (text.size() > 1) text += ", ";
    io::append_json_string(text, metric.name);
    text += ": ";
    io::append_json_number(text, metric.value);
  }
  io::write_file(io::join(folder, "eval_results.json"), text + "}\n");
}

void write_results(const FinetuneTrainee& trainee, const FinetuneSettings& settings, RunLoop& loop) {
  const FinetuneStart& start = trainee.start();
  const metrics::Metrics& figures = trainee.figures();
  write_figures(settings.run.output, figures);
  TrainingLog::Summary summary{
      .title = "berta finetune: " + std::string(name_of(settings.task)),
      .results = {},
      .seconds = loop.seconds(),
      .config = config_text(start.model.info, trainee.head_facts(), settings.run.saved),
      .facts = {{"Settings", facts_of(settings)}}};
  for (const metrics::Metric& metric : figures) summary.results.push_back({metric.name, metric.value});
  summary.facts.push_back({"Data and machine",
                           {{"examples to train", std::to_string(start.head->train().size())},
                            {"examples to evaluate", std::to_string(start.head->dev().size())},
                            {"parameters", std::to_string(start.model.count())},
                            {"device", device_of(start.model).str()},
                            {"threads", std::to_string(threads())},
                            {"berta", settings.run.version}}});
  loop.log().write_report(summary);
  io::write_file(io::join(settings.run.output, "README.md"), model_card_text(settings, *start.head, figures));
}

TrainOutcome finetune_with(const FinetuneSettings& settings, Watcher& all, Workers& workers) {
  refuse_dump(settings.dump_step, workers);
  FirstWatcher watcher(all, workers.is_first());
  FinetuneTrainee trainee(settings, watcher, start_finetuning(settings), workers);
  announce(trainee, settings, watcher);
  trainee.check_metric();
  RunLoop loop(settings.run, facts_of(settings), watcher, workers);
  const bool ended = loop.run(trainee, trainee.steps());
  if (ended) {
    trainee.finish();
    if (workers.is_first()) {
      write_results(trainee, settings, loop);
      loop.remove_checkpoint();
    }
  }
  return {.stopped = !ended,
          .is_first = workers.is_first(),
          .steps = loop.done(),
          .loss = loop.loss(),
          .metrics = trainee.figures(),
          .main_metric = trainee.main_metric(),
          .best = {}};
}

}  // namespace

TrainOutcome finetune(const FinetuneSettings& settings, Watcher& watcher) {
  set_up_process(settings.run.threads);
  return with_workers(settings.run,
                      [&](Workers& workers) { return finetune_with(settings, watcher, workers); });
}

}  // namespace berta::train
