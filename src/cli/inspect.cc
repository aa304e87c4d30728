#include <fmt/format.h>

#include <map>

#include "cli/commands.h"
#include "cli/inspect_report.h"
#include "cli/output.h"
#include "core/error.h"
#include "infer/inspection.h"

namespace berta::cli {
namespace {

class Inspect final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "inspect",
        .summary = "config, tensors, heads, labels and tokenizer of a model, without loading it",
        .operands = "MODEL",
        .details =
            "For each key of the config: its value, and whether it comes from the file, is a default, or "
            "was\n"
            "inferred from the tensors. Tensors that are missing, unused or unexpected stand by name. Exit\n"
            "status 1 where the model could not be loaded.",
        .example = "  berta inspect models/sentiment",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_switch({"--json", "", "one JSON object"}, json_));
    options.push_back(make_switch({"--tensors", "", "list all tensors"}, tensors_));
    return options;
  }

  int run(const Arguments& arguments) override {
    const InspectReport report = make_report(arguments.model);
    Output("").write(json_ ? inspect_as_json(report) : inspect_as_text(report, tensors_));
    const auto& model = report.model;
    std::vector<std::string> problems = model.problems;
    for (const std::string& name : model.missing) {
      problems.push_back(model.files.front() + ": expected a tensor " + name + ", found none");
    }
    if (problems.empty()) return kDone;
    const std::size_t more = problems.size() - 1;
    throw UserError(problems.front() + (more == 0 ? "" : fmt::format(" (and {} more problems)", more)));
  }

 private:
  bool json_ = false;
  bool tensors_ = false;
};

}  // namespace

std::unique_ptr<Command> make_inspect() {
  return std::make_unique<Inspect>();
}

}  // namespace berta::cli
