#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/named_value.h"
#include "report/series.h"

namespace berta::report {

/// One run, or one seed of several.
struct ReportRun {
  std::string name;                      ///< "seed 1"
  std::vector<Series> series = {};       ///< series of one chart name share axes, over all runs
  std::vector<NamedValue> results = {};  ///< the final metrics
  double seconds = 0;                    ///< duration; 0: unknown
};

/// Names and values under a heading: data, environment.
struct ReportFacts {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;
};

/// A table under a heading; each row has one cell a column.
struct ReportTable {
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// All that report.html shows. Empty parts are left out.
struct HtmlReport {
  std::string title;
  std::string summary = {};  ///< a sentence under the title
  std::vector<ReportRun> runs = {};
  std::vector<ReportTable> tables = {};   ///< after the final metrics: a confusion matrix
  std::vector<std::string> command = {};  ///< arguments, the program first
  std::string config = {};                ///< JSON text
  std::vector<ReportFacts> facts = {};
};

/// One self-contained page (inline style and SVG, no script, nothing to fetch), readable in light and dark.
/// With one run the curves of a chart differ by colour; with several a colour is a run and a dash pattern a
/// series, and the table of final metrics has mean, standard deviation (of the sample, n - 1) and range. The
/// page is well-formed XML too. The same report gives the same bytes. Throws InternalError for a row with too
/// few or too many cells.
std::string html_report(const HtmlReport& report);

/// Writes the page; the file is there whole or not at all. Throws UserError "PATH: cannot write: ...".
void write_html_report(const std::string& path, const HtmlReport& report);

}  // namespace berta::report
