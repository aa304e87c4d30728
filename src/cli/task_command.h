#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/json_writer.h"
#include "cli/stream.h"
#include "core/error.h"
#include "tasks/runtime.h"

namespace berta::cli {

/// A command that runs one task over a stream of records.
class TaskCommand : public Command {
 public:
  std::vector<Option> options() override;
  int run(const Arguments& arguments) override;

 protected:
  /// Options of this task; they stand first in the help.
  virtual void add_task_options(std::vector<Option>&) {}
  /// Throws UsageError for options that do not go together.
  virtual void check_options() {}
  /// Records of the operands. Throws UsageError for a wrong number of them.
  virtual std::vector<Record> operand_records(const std::vector<std::string>& texts) const;
  /// The member that a line of plain text becomes; empty: plain text is refused.
  virtual std::string main_field() const { return "text"; }
  virtual Process make_process(const tasks::Runtime& runtime, const Output& output) = 0;
  /// After the last result.
  virtual void finish(Output&, Console&) {}

  StreamSettings stream_;

 private:
  ModelSettings model_;
};

/// Puts an output beside the record's id: OUTPUT alone, or {"id": ID, "output": OUTPUT}.
std::string with_id(const Record& record, const std::function<void(JsonWriter&)>& write);

/// How one task reads records and writes results.
template <class Input, class Result>
struct TaskSteps {
  std::function<Input(const Record&)> read;  ///< throws UserError, complete with the record's `where`
  std::function<std::vector<Result>(std::span<const Input>)> run;
  std::function<std::string(const Record&, const Result&)> write;
};

/// A Process of these steps. A record that cannot be read does not spoil the others.
template <class Input, class Result>
Process make_task_process(TaskSteps<Input, Result> steps) {
  return [steps = std::move(steps)](std::span<const Record> records) {
    std::vector<LineResult> lines(records.size());
    std::vector<Input> inputs;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < records.size(); ++i) {
      try {
        inputs.push_back(steps.read(records[i]));
        places.push_back(i);
      } catch (const UserError& error) {
        lines[i].error = error.what();
      }
    }
    const std::vector<Result> results = steps.run(inputs);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Record& record = records[places[i]];
      LineResult& line = lines[places[i]];
      line.truncated = results[i].truncated;
      if (results[i].ok()) {
        line.lines = steps.write(record, results[i]);
      } else {
        line.error = record.where + ": " + results[i].error;
      }
    }
    return lines;
  };
}

}  // namespace berta::cli
