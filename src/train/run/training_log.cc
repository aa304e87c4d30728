#include "train/run/training_log.h"

#include <filesystem>

#include "core/error.h"
#include "io/folder.h"
#include "report/command_line.h"

namespace berta::train {
namespace {

constexpr const char* kMetrics = "metrics.jsonl";

report::MetricsLog open_metrics(const std::string& folder, std::optional<std::int64_t> resumed_at) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw UserError(folder + ": cannot create: " + error.message());
  const std::string path = io::join(folder, kMetrics);
  if (resumed_at) return report::MetricsLog::resume(path, *resumed_at);
  std::filesystem::remove(path, error);  // of a training that is begun anew
  return report::MetricsLog::create(path);
}

/// Curves of train and dev share a chart.
std::string chart_of(const std::string& name) {
  for (const char* prefix : {"train/", "dev/"}) {
    if (name.starts_with(prefix)) return name.substr(std::string_view(prefix).size());
  }
  return name;
}

}  // namespace

TrainingLog::TrainingLog(const std::string& folder, std::optional<std::int64_t> resumed_at,
                         const RunSettings& run)
    : folder_(folder), run_(run), metrics_(open_metrics(folder, resumed_at)), events_(folder, resumed_at) {
  events_.add_plain_text(resumed_at.value_or(0), "command", report::command_line(run.command));
}

void TrainingLog::add(std::int64_t step, double epoch, double time,
                      const std::vector<report::NamedValue>& values) {
  metrics_.write({.step = step, .epoch = epoch, .time = time, .values = values});
  events_.add_scalars(step, values);
}

void TrainingLog::write_report(const Summary& summary) {
  report::ReportRun run{.name = "seed " + std::to_string(run_.seed),
                        .series = report::read_metrics(metrics_.path()),
                        .results = summary.results,
                        .seconds = summary.seconds};
  for (report::Series& series : run.series) {
    series.chart = chart_of(series.name);
    if (series.name == "train/loss") series.smoothing = 0.9;
  }
  report::write_html_report(io::join(folder_, "report.html"), {.title = summary.title,
                                                               .runs = {std::move(run)},
                                                               .command = run_.command,
                                                               .config = summary.config,
                                                               .facts = summary.facts});
}

}  // namespace berta::train
