#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/event_file.h"
#include "report/html_report.h"
#include "report/metrics_log.h"
#include "train/settings.h"

namespace berta::train {

/// What a training leaves to read in its output folder: metrics.jsonl, TensorBoard's events, and at the end
/// report.html.
class TrainingLog {
 public:
  /// `resumed_at`: the step of the checkpoint that it goes on from. Throws UserError.
  TrainingLog(const std::string& folder, std::optional<std::int64_t> resumed_at, const RunSettings& run);

  /// Numbers of a step; `epoch` and `time` (seconds of training) stand beside them.
  void add(std::int64_t step, double epoch, double time, const std::vector<report::NamedValue>& values);

  /// report.html, of all that metrics.jsonl holds.
  struct Summary {
    std::string title;
    std::vector<report::NamedValue> results;
    double seconds = 0;
    std::string config;  ///< JSON
    std::vector<report::ReportFacts> facts;
  };
  void write_report(const Summary& summary);

 private:
  std::string folder_;
  const RunSettings& run_;
  report::MetricsLog metrics_;
  report::EventFile events_;
};

}  // namespace berta::train
