#include "train/finetune/series.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/folder.h"
#include "io/json.h"
#include "report/pretty_json.h"
#include "train/finetune/finetune.h"
#include "train/heads/predictions.h"
#include "train/settings_facts.h"
#include "train/workers/workers.h"

namespace berta::train {
namespace {

constexpr const char* kSummary = "summary.json";

struct Run {
  std::string name;  ///< of its folder
  FinetuneSettings settings;
  metrics::Metrics figures;
};

FinetuneSettings settings_of(const FinetuneSettings& all, const std::string& name) {
  FinetuneSettings one = all;
  one.run.output = io::join(all.run.output, name);
  one.seeds.clear();
  return one;
}

std::vector<Run> runs_of(const FinetuneSettings& settings) {
  std::vector<Run> runs;
  for (const std::uint64_t seed : settings.seeds) {
    const std::string name = "seed-" + std::to_string(seed);
    Run& run = runs.emplace_back(Run{name, settings_of(settings, name), {}});
    run.settings.run.seed = seed;
  }
  if (!settings.seeds.empty()) return runs;
  for (std::int64_t fold = 0; fold < settings.folds; ++fold) {
    const std::string name = "fold-" + std::to_string(fold + 1);
    Run& run = runs.emplace_back(Run{name, settings_of(settings, name), {}});
    run.settings.fold = fold;
  }
  return runs;
}

/// The report is written behind all else, and the checkpoint is removed behind that.
bool is_done(const Run& run) {
  const std::string& folder = run.settings.run.output;
  return io::is_file(io::join(folder, "report.html")) && !io::is_folder(io::join(folder, "checkpoint"));
}

metrics::Metrics read_figures(const std::string& folder) {
  const std::string path = io::join(folder, "eval_results.json");
  metrics::Metrics figures;
  const io::Json file = io::read_json(path);
  for (const auto& [name, value] : file.as_object(path))
    figures.push_back({name, value.as_number(path + ": key '" + name + "'")});
  return figures;
}

/// Progress of all trainings as of one.
class SeriesWatcher final : public Watcher {
 public:
  SeriesWatcher(Watcher& watcher, std::size_t runs)
      : watcher_(watcher), runs_(static_cast<std::int64_t>(runs)) {}

  void begin(std::size_t run, const std::string& name) {
    run_ = static_cast<std::int64_t>(run);
    name_ = name;
  }
  void note(const std::string& message) override { watcher_.note(name_ + ": " + message); }
  void warn(const std::string& message) override { watcher_.warn(name_ + ": " + message); }
  void progress(const TrainProgress& progress) override {
    TrainProgress whole = progress;
    whole.step += run_ * progress.steps;
    whole.steps *= runs_;
    watcher_.progress(whole);
  }
  bool stop() override { return watcher_.stop(); }

 private:
  Watcher& watcher_;
  std::int64_t runs_;
  std::int64_t run_ = 0;
  std::string name_;
};

struct Spread {
  std::string name;
  double mean = 0;
  double deviation = 0;  ///< of a sample; 0 of a single one
};

std::vector<Spread> spreads_of(const std::vector<Run>& runs) {
  std::vector<Spread> spreads;
  const auto count = static_cast<double>(runs.size());
  for (const metrics::Metric& metric : runs.front().figures) {
    Spread spread{.name = metric.name};
    for (const Run& run : runs) spread.mean += metrics::value_of(run.figures, metric.name) / count;
    double squares = 0;
    for (const Run& run : runs)
      squares += std::pow(metrics::value_of(run.figures, metric.name) - spread.mean, 2);
    if (runs.size() > 1) spread.deviation = std::sqrt(squares / (count - 1));
    spreads.push_back(std::move(spread));
  }
  return spreads;
}

class Series {
 public:
  Series(const FinetuneSettings& settings, Watcher& watcher)
      : settings_(settings),
        runs_(runs_of(settings)),
        watcher_(watcher, runs_.size()),
        facts_(facts_of(settings)),
        summary_(io::join(settings.run.output, kSummary)) {
    if (settings.seeds.empty()) return;
    std::erase_if(facts_, [](const auto& fact) { return fact.first == "seed"; });
    std::string seeds;
    for (const std::uint64_t seed : settings.seeds)
      seeds += (seeds.empty() ? "" : ", ") + std::to_string(seed);
    facts_.emplace_back("seeds", seeds);
  }

  TrainOutcome run() {
    TrainOutcome outcome;
    begin();
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      Run& run = runs_[i];
      watcher_.begin(i, run.name);
      if (settings_.run.resume && is_done(run)) {
        watcher_.note("is done");
      } else {
        const TrainOutcome one = finetune(run.settings, watcher_);
        outcome.steps += one.steps;
        outcome.loss = one.loss;
        outcome.stopped = one.stopped;
        if (one.stopped) return outcome;
        main_metric_ = one.main_metric;
        write_summary({}, nullptr);  // a resumed series has to know the metric
      }
      run.figures = read_figures(run.settings.run.output);
    }
    finish(outcome);
    return outcome;
  }

 private:
  /// Throws UserError for a series that was begun with other settings.
  void begin() {
    std::error_code error;
    std::filesystem::create_directories(settings_.run.output, error);
    if (error) throw UserError(settings_.run.output + ": cannot create: " + error.message());
    if (!settings_.run.resume || !io::is_file(summary_)) {
      std::filesystem::remove(summary_, error);
      return;
    }
    const io::Json before = io::read_json(summary_);
    const auto text = [&](const io::Json* object, const std::string& key) {
      const io::Json* value = object == nullptr ? nullptr : object->find(key);
      return value == nullptr ? std::string() : value->as_string(summary_ + ": key '" + key + "'");
    };
    main_metric_ = text(&before, "metric");
    for (const auto& [name, value] : facts_) {
      const std::string old = text(before.find("settings"), name);
      if (old == value) continue;
      throw UserError(settings_.run.output + ": the trainings were begun with " + name + " '" + old +
                      "'; to resume them expected the same, found '" + value + "'");
    }
  }

  void finish(TrainOutcome& outcome) {
    const auto better = [&](const Run& a, const Run& b) {
      const double x = metrics::value_of(a.figures, main_metric_),
                   y = metrics::value_of(b.figures, main_metric_);
      return x < y || (std::isnan(x) && !std::isnan(y));
    };
    const Run& best = *std::max_element(runs_.begin(), runs_.end(), better);
    const std::vector<Spread> spreads = spreads_of(runs_);
    outcome.main_metric = main_metric_;
    outcome.best = best.settings.run.output;
    for (const Spread& spread : spreads) {
      outcome.metrics.push_back({spread.name, spread.mean});
      outcome.metrics.push_back({spread.name + "_sd", spread.deviation});
    }
    if (settings_.folds > 0) merge_folds();
    write_summary(spreads, &best);
  }

  /// Tasks whose answers are no row of a table have no such files.
  void merge_folds() const {
    std::vector<std::string> files;
    for (const Run& run : runs_) {
      files.push_back(io::join(run.settings.run.output, kDevPredictions));
      if (!io::is_file(files.back())) return;
    }
    merge_predictions(files, io::join(settings_.run.output, "out_of_fold.csv"));
  }

  /// Without `best`: while trainings are still to come.
  void write_summary(const std::vector<Spread>& spreads, const Run* best) const;

  const FinetuneSettings& settings_;
  std::vector<Run> runs_;
  SeriesWatcher watcher_;
  SettingFacts facts_;
  std::string summary_;
  std::string main_metric_;
};

io::Json numbers(const std::vector<Spread>& spreads, double Spread::*member) {
  io::Json::Object object;
  for (const Spread& spread : spreads) object.emplace_back(spread.name, io::Json(spread.*member));
  return io::Json(std::move(object));
}

void Series::write_summary(const std::vector<Spread>& spreads, const Run* best) const {
  io::Json::Object object, settings;
  object.emplace_back("metric", io::Json(main_metric_));
  if (best != nullptr) {
    object.emplace_back("best", io::Json(best->name));
    object.emplace_back("mean", numbers(spreads, &Spread::mean));
    object.emplace_back("standard_deviation", numbers(spreads, &Spread::deviation));
    io::Json::Object runs;
    for (const Run& run : runs_) {
      io::Json::Object figures;
      for (const metrics::Metric& metric : run.figures)
        figures.emplace_back(metric.name, io::Json(metric.value));
      runs.emplace_back(run.name, io::Json(std::move(figures)));
    }
    object.emplace_back("runs", io::Json(std::move(runs)));
  }
  for (const auto& [name, value] : facts_) settings.emplace_back(name, io::Json(value));
  object.emplace_back("settings", io::Json(std::move(settings)));
  std::string text;
  io::append_json(text, io::Json(std::move(object)));
  io::write_file(summary_, report::pretty_json(text) + "\n");
}

}  // namespace

bool is_series(const FinetuneSettings& settings) {
  return !settings.seeds.empty() || (settings.folds > 0 && settings.fold < 0);
}

void check_series(const FinetuneSettings& settings) {
  if (settings.folds > 0 && !settings.seeds.empty())
    throw UserError("expected several seeds or folds, found both");
  if (settings.folds == 1) throw UserError("expected at least 2 folds, found 1");
  if (settings.folds > 0 && (!settings.dev.empty() || settings.dev_share > 0))
    throw UserError("expected folds or data to evaluate on, found both");
  if (settings.folds == 0 && settings.dev.empty() && settings.dev_share == 0)
    throw UserError("several seeds: expected data to evaluate on (--dev or --dev-share), found none");
  std::vector<std::uint64_t> seeds = settings.seeds;
  std::sort(seeds.begin(), seeds.end());
  const auto twice = std::adjacent_find(seeds.begin(), seeds.end());
  if (twice != seeds.end())
    throw UserError("seeds: expected each once, found " + std::to_string(*twice) + " twice");
}

std::vector<std::string> series_folders(const FinetuneSettings& settings) {
  std::vector<std::string> folders;
  for (const Run& run : runs_of(settings)) folders.push_back(run.settings.run.output);
  return folders;
}

TrainOutcome finetune_series(const FinetuneSettings& settings, Watcher& watcher) {
  if (const int workers = worker_place().size; workers > 1)
    throw UserError("--seeds, --folds: expected one process, found WORLD_SIZE " + std::to_string(workers));
  check_series(settings);
  return Series(settings, watcher).run();
}

}  // namespace berta::train
