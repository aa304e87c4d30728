#include "report/html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/xml_text.h"
#include "report/chart.h"
#include "report/command_line.h"
#include "report/html_style.h"
#include "report/pretty_json.h"
#include "report/progress_facts.h"

namespace berta::report {
namespace {

using io::xml_text;

std::string heading(std::string_view text) {
  return "<h2>" + xml_text(text) + "</h2>\n";
}

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// Per column, whether its cells are numbers (or empty): those are set to the right.
std::vector<bool> number_columns(const ReportTable& table) {
  std::vector<bool> numbers(table.columns.size(), !table.rows.empty());
  for (const auto& row : table.rows) {
    check_internal(row.size() == table.columns.size(), "a row of a report without one cell a column");
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == 0 || (!row[i].empty() && !is_number(row[i]))) numbers[i] = false;
    }
  }
  return numbers;
}

/// The first cell of each row is its name.
std::string table_html(const ReportTable& table) {
  const std::vector<bool> numbers = number_columns(table);
  const auto class_of = [&](std::size_t column) { return numbers[column] ? " class=\"number\">" : ">"; };
  std::string out = heading(table.title) + "<div class=\"scroll\"><table>\n<thead><tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    out += "<th" + std::string(class_of(i)) + xml_text(table.columns[i]) + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const char* tag = i == 0 ? "th" : "td";
      const char* scope = i == 0 ? " scope=\"row\"" : "";
      out.append("<").append(tag).append(scope).append(class_of(i)).append(xml_text(row[i]));
      out.append("</").append(tag) += '>';
    }
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table></div>\n";
}

/// Names in the order in which they first appear.
template <class Items, class NameOf>
void add_names(std::vector<std::string>& names, const Items& items, NameOf name_of) {
  for (const auto& item : items) {
    const std::string& name = name_of(item);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

/// Mean, sample standard deviation, lowest and highest, as cells; values that are not finite make the mean so
/// too.
void add_statistics(std::vector<std::string>& row, const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  row.push_back(value_text(mean));
  // Two digits: a spread of a few runs is known no better.
  row.push_back(values.size() < 2 ? "" : fmt::format("{:.2g}", std::sqrt(squares / (n - 1))));
  row.push_back(value_text(*low));
  row.push_back(value_text(*high));
}

ReportTable results_table(const std::vector<ReportRun>& runs) {
  const bool several = runs.size() > 1;
  ReportTable table{.title = "Results", .columns = {"metric"}, .rows = {}};
  if (several) table.columns.insert(table.columns.end(), {"mean", "std", "lowest", "highest"});
  for (const ReportRun& run : runs) table.columns.push_back(several ? run.name : "value");
  std::vector<std::string> names;
  for (const ReportRun& run : runs) {
    add_names(names, run.results, [](const NamedValue& value) -> const std::string& { return value.name; });
  }
  for (const std::string& name : names) {
    std::vector<double> values;
    std::vector<std::string> cells;
    for (const ReportRun& run : runs) {
      const auto found = std::find_if(run.results.begin(), run.results.end(),
                                      [&](const NamedValue& value) { return value.name == name; });
      cells.push_back(found == run.results.end() ? "" : value_text(found->value));
      if (found != run.results.end()) values.push_back(found->value);
    }
    std::vector<std::string> row{name};
    if (several) add_statistics(row, values);
    row.insert(row.end(), cells.begin(), cells.end());
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// The chart `name` of all runs.
Chart chart_of(const std::vector<ReportRun>& runs, const std::string& name) {
  Chart chart{.title = name, .unit = "", .lines = {}};
  std::vector<std::string> curves;
  for (const ReportRun& run : runs) {
    for (const Series& series : run.series) {
      if (series.chart_name() == name)
        add_names(curves, std::span(&series, 1), [](const Series& s) { return s.name; });
    }
  }
  for (std::size_t r = 0; r < runs.size(); ++r) {
    for (const Series& series : runs[r].series) {
      if (series.chart_name() != name) continue;
      const auto curve =
          static_cast<std::size_t>(std::find(curves.begin(), curves.end(), series.name) - curves.begin());
      const bool several = runs.size() > 1;
      std::string label = several ? runs[r].name : series.name;
      if (several && curves.size() > 1) label += ", " + series.name;
      chart.lines.push_back({.series = &series,
                             .label = std::move(label),
                             .colour = several ? r : curve,
                             .dash = several ? curve : curve / kChartColours});
      if (chart.unit.empty()) chart.unit = series.unit;
    }
  }
  return chart;
}

std::string charts_html(const std::vector<ReportRun>& runs) {
  std::vector<std::string> names;
  for (const ReportRun& run : runs) {
    add_names(names, run.series,
              [](const Series& series) -> const std::string& { return series.chart_name(); });
  }
  if (names.empty()) return "";
  std::string out = heading("Curves") + "<div class=\"charts\">\n";
  for (const std::string& name : names) out += chart_html(chart_of(runs, name));
  return out + "</div>\n";
}

std::string durations(const std::vector<ReportRun>& runs) {
  double total = 0;
  for (const ReportRun& run : runs) total += run.seconds;
  if (!(total > 0)) return "";
  if (runs.size() < 2) return "Duration " + duration_text(total) + ".";
  return std::to_string(runs.size()) + " runs, " + duration_text(total) + " in all.";
}

std::string head_html(const HtmlReport& report) {
  const std::string title = xml_text(report.title);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      title + "</title>\n<style>";
  out += html_style();
  out += "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n";
  std::string line = report.summary;
  const std::string time = durations(report.runs);
  if (!line.empty() && !time.empty()) line += ' ';
  line += time;
  return line.empty() ? out : out + "<p class=\"summary\">" + xml_text(line) + "</p>\n";
}

std::string facts_html(const ReportFacts& facts) {
  std::string out = heading(facts.title) + "<table>\n<tbody>\n";
  for (const auto& [name, value] : facts.facts) {
    out += "<tr><th scope=\"row\">" + xml_text(name) + "</th><td class=\"fact\">" + xml_text(value) +
           "</td></tr>\n";
  }
  return out + "</tbody>\n</table>\n";
}

}  // namespace

std::string html_report(const HtmlReport& report) {
  std::string out = head_html(report);
  const ReportTable results = results_table(report.runs);
  if (!results.rows.empty()) out += table_html(results);
  for (const ReportTable& table : report.tables) out += table_html(table);
  out += charts_html(report.runs);
  if (!report.command.empty()) {
    out += heading("Command") + "<pre class=\"wrap\">" + xml_text(command_line(report.command)) + "</pre>\n";
  }
  for (const ReportFacts& facts : report.facts) {
    if (!facts.facts.empty()) out += facts_html(facts);
  }
  if (!report.config.empty()) {
    out += heading("Configuration") + "<pre>" + xml_text(pretty_json(report.config)) + "</pre>\n";
  }
  return out + "</body>\n</html>\n";
}

void write_html_report(const std::string& path, const HtmlReport& report) {
  io::write_file(path, html_report(report));
}

}  // namespace berta::report
