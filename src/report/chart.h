#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/series.h"

namespace berta::report {

/// A curve of a chart, and how it looks.
struct ChartLine {
  const Series* series = nullptr;
  std::string label;       ///< in the legend
  std::size_t colour = 0;  ///< of the style sheet's, from 0; taken modulo kChartColours
  std::size_t dash = 0;    ///< 0: a full line; then patterns, modulo kChartDashes
};

constexpr std::size_t kChartColours = 8;
constexpr std::size_t kChartDashes = 4;

/// Curves over one pair of axes.
struct Chart {
  std::string title;
  std::string unit;
  std::vector<ChartLine> lines;
};

/// The chart as HTML: a figure with title, legend (with the last value of each line) and inline SVG, in the
/// classes of html_style(). Values that are not finite are gaps, and a note counts them. A chart without a
/// finite value says so.
std::string chart_html(const Chart& chart);

}  // namespace berta::report
