#include "report/metrics_log.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/folder.h"
#include "io/json.h"
#include "io/mapped_file.h"

namespace berta::report {
namespace {

constexpr std::string_view kTaken[] = {"step", "epoch", "time"};

bool is_taken(std::string_view name) {
  return std::find(std::begin(kTaken), std::end(kTaken), name) != std::end(kTaken);
}

/// A line with its end, and what it says.
struct ParsedLine {
  std::string_view text;
  std::int64_t step = 0;
  io::Json json;
};

ParsedLine parse_line(std::string_view text, const std::string& where) {
  ParsedLine line{.text = text, .step = 0, .json = io::parse_json(text, where)};
  const io::Json* step = line.json.find("step");
  if (step == nullptr || !step->is_number()) {
    throw UserError(where +
                    ": expected a JSON object with an integer 'step', found none; move the file away if "
                    "it is no log of this program");
  }
  line.step = step->as_integer(where + ": key 'step'");
  return line;
}

/// Calls `visit` for each whole line. A last line without an end is torn even where it parses: its last
/// number may be cut.
void for_each_line(const io::MappedFile& file, const std::function<void(const ParsedLine&)>& visit) {
  std::string_view rest = file.text();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    if (end == rest.npos) return;
    const std::string_view text = rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
    visit(parse_line(text, file.path() + ": line " + std::to_string(number)));
  }
}

void cut_after(const std::string& path, std::int64_t step) {
  const io::MappedFile file(path);
  std::string kept;
  for_each_line(file, [&](const ParsedLine& line) {
    if (line.step <= step) kept += line.text;
  });
  if (kept.size() != file.text().size()) io::write_file(path, kept);
}

}  // namespace

MetricsLog MetricsLog::create(const std::string& path) {
  return MetricsLog(io::AppendFile::create(path));
}

MetricsLog MetricsLog::resume(const std::string& path, std::int64_t step) {
  if (!io::is_file(path)) return create(path);
  cut_after(path, step);
  return MetricsLog(io::AppendFile::open(path));
}

void MetricsLog::write(const MetricsLine& line) {
  std::string text = "{\"step\":" + std::to_string(line.step);
  const auto add = [&](std::string_view name, double value) {
    text += ',';
    io::append_json_string(text, name);
    text += ':';
    io::append_json_number(text, value);
  };
  if (line.epoch) add("epoch", *line.epoch);
  add("time", line.time);
  for (const NamedValue& named : line.values) {
    check_internal(!is_taken(named.name), "a metric with the name of a field");
    add(named.name, named.value);
  }
  file_.append(text + "}\n");
}

std::vector<Series> read_metrics(const std::string& path) {
  std::vector<Series> all;
  for_each_line(io::MappedFile(path), [&](const ParsedLine& line) {
    for (const auto& [name, value] : line.json.as_object("")) {
      if (!value.is_number() || is_taken(name)) continue;
      auto found = std::find_if(all.begin(), all.end(), [&](const Series& s) { return s.name == name; });
      if (found == all.end()) found = all.insert(all.end(), Series{.name = name});
      found->points.push_back({.step = line.step, .value = value.as_number("")});
    }
  });
  return all;
}

}  // namespace berta::report
