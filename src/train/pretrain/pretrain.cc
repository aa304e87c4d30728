#include "train/pretrain/pretrain.h"

#include "train/pretrain/pretraining.h"
#include "train/run/process.h"

namespace berta::train {
namespace {

using report::NamedValue;

TrainOutcome pretrain_with(const PretrainSettings& settings, Watcher& all, Workers& workers) {
  refuse_dump(settings.dump_step, workers);
  FirstWatcher watcher(all, workers.is_first());
  const auto tokenizer = tokenizer::load_tokenizer(settings.tokenizer);
  const auto pretraining = make_pretraining(settings, {watcher, workers, *tokenizer});
  watcher.note(std::to_string(pretraining->batches().tokens()) + " tokens to train on, " +
               std::to_string(settings.run.max_steps) + " steps" +
               device_note(*pretraining->models().front().second));
  RunLoop loop(settings.run, facts_of(settings), watcher, workers);
  const bool ended = loop.run(*pretraining, settings.run.max_steps);
  TrainOutcome outcome{
      .stopped = !ended, .is_first = workers.is_first(), .steps = loop.done(), .loss = loop.loss()};
  for (const NamedValue& value : pretraining->last()) outcome.metrics.push_back({value.name, value.value});
  if (!ended) return outcome;
  pretraining->catch_up();
  if (!workers.is_first()) return outcome;
  pretraining->write_models();
  loop.log().write_report({.title = "berta pretrain",
                           .results = pretraining->last(),
                           .seconds = loop.seconds(),
                           .config = {},
                           .facts = {{"Settings", facts_of(settings)}}});
  loop.remove_checkpoint();
  return outcome;
}

}  // namespace

TrainOutcome pretrain(const PretrainSettings& settings, Watcher& watcher) {
  set_up_process(settings.run.threads);
  return with_workers(settings.run,
                      [&](Workers& workers) { return pretrain_with(settings, watcher, workers); });
}

}  // namespace berta::train
