#include "cli/train_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_writer.h"
#include "cli/output.h"
#include "report/progress_facts.h"

namespace berta::cli {
namespace {

using train::PlanFact;

/// Nothing runs long enough to be stopped or shown.
class QuietWatcher final : public train::Watcher {
 public:
  explicit QuietWatcher(Console& console) : console_(console) {}
  void note(const std::string& message) override { console_.note(message); }
  void warn(const std::string& message) override { console_.warn(message); }
  void progress(const train::TrainProgress&) override {}
  bool stop() override { return false; }

 private:
  Console& console_;
};

std::string value_of(const PlanFact& fact) {
  switch (fact.unit) {
    case PlanFact::Unit::text:
      return fact.text;
    case PlanFact::Unit::count:
      return report::count_text(fact.number);
    case PlanFact::Unit::bytes:
      return report::bytes_text(fact.number);
    case PlanFact::Unit::seconds:
      return report::duration_text(fact.number);
  }
  return "";
}

std::string as_text(const train::TrainPlan& plan) {
  std::string text;
  for (const PlanFact& fact : plan.facts) {
    std::string name = fact.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    text += fmt::format("{:<30}{}\n", name, value_of(fact));
  }
  text += "would write\n";
  for (const std::string& file : plan.files) text += "  " + file + "\n";
  return text;
}

std::string as_json(const train::TrainPlan& plan) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const PlanFact& fact : plan.facts) {
    if (fact.unit == PlanFact::Unit::text) {
      json.member(fact.name, fact.text);
    } else {
      json.member(fact.name, fact.number);
    }
  }
  json.key("files").begin_array();
  for (const std::string& file : plan.files) json.value(file);
  json.end_array().end_object();
  return text + "\n";
}

}  // namespace

void add_dry_run_options(std::vector<Option>& options, DryRun& dry_run) {
  options.push_back(
      make_switch({"--dry-run", "", "say what would be done, its memory and its time, and write nothing"},
                  dry_run.asked));
  options.push_back(make_switch({"--json", "", "of --dry-run: one JSON object"}, dry_run.json));
}

void check_dry_run(const DryRun& dry_run) {
  if (dry_run.json && !dry_run.asked) throw UsageError("--json is of --dry-run: expected both");
}

int print_plan(Console& console, const DryRun& dry_run,
               const std::function<train::TrainPlan(train::Watcher&)>& make) {
  QuietWatcher watcher(console);
  const train::TrainPlan plan = make(watcher);
  Output("").write(dry_run.json ? as_json(plan) : as_text(plan));
  return kDone;
}

}  // namespace berta::cli
