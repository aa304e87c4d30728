#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/common_options.h"
#include "cli/console.h"
#include "cli/output.h"
#include "cli/record.h"

namespace berta::cli {

/// What became of one record.
struct LineResult {
  std::string lines;       ///< printed with an end of line behind it; empty: nothing
  std::string error;       ///< why there is no result, beginning with the record's `where`
  bool truncated = false;  ///< something was cut
};

/// One result a record, in order. Errors of single records go into the results; what is thrown ends the run.
using Process = std::function<std::vector<LineResult>(std::span<const Record>)>;

/// Where a command's records come from: its operands, --input, or standard input.
struct StreamSource {
  std::vector<Record> records;      ///< of the operands
  std::shared_ptr<InputFile> file;  ///< null where there are operands
  std::string main_field;           ///< as RecordReader's
};

/// Throws UsageError where there is neither; standard input is taken unless it is a terminal.
StreamSource choose_source(const StreamSettings& settings, std::vector<Record> operands,
                           std::string main_field);

/// Runs records through `process` and writes the results in order as they are ready. A batch closes when it
/// is full, and when no further record is there yet; so a pipe is answered line by line and the memory is
/// bounded. Returns the exit status. Throws UserError for the first bad record unless settings say to skip
/// it.
int run_stream(StreamSource source, const StreamSettings& settings, Console& console, Output& output,
               const Process& process);

}  // namespace berta::cli
