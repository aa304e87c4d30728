#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/append_file.h"
#include "report/named_value.h"
#include "report/series.h"

namespace berta::report {

/// What was measured at one step. Names in `values` are written as they are; "step", "epoch" and "time" are
/// taken.
struct MetricsLine {
  std::int64_t step = 0;
  std::optional<double> epoch;  ///< passes over the training data, with a fraction
  double time = 0;              ///< seconds of training, over all parts of a resumed run
  std::vector<NamedValue> values;
};

/// metrics.jsonl: one JSON object a line, handed to the system line by line. Numbers are the shortest
/// decimals that read back the same; NaN and infinities are written as Python's json does. For one thread at
/// a time.
class MetricsLog {
 public:
  /// A new file. Throws UserError "PATH: cannot create: File exists".
  static MetricsLog create(const std::string& path);

  /// Goes on at `step`, the last of the checkpoint: lines of later steps are cut off (they will be written
  /// again), and so is a last line that a killed process left torn. A file that is missing is created. The
  /// old file stays whole until the shorter one is on the disk. Throws UserError "PATH: line 3: expected a
  /// JSON object with an integer 'step', found ..." for any other line that is no line of this log.
  static MetricsLog resume(const std::string& path, std::int64_t step);

  /// Appends a line. Throws UserError "PATH: cannot write: ...".
  void write(const MetricsLine& line);

  const std::string& path() const { return file_.path(); }

 private:
  explicit MetricsLog(io::AppendFile file) : file_(std::move(file)) {}

  io::AppendFile file_;
};

/// The numbers of a metrics.jsonl, one series a name (without step, epoch and time), in the order in which
/// the names appear. A torn last line is left out. Throws UserError as MetricsLog::resume, and for a file
/// that can't be read.
std::vector<Series> read_metrics(const std::string& path);

}  // namespace berta::report
