#include "report/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../io/temporary.h"
#include "core/utf8.h"
#include "report/axis.h"

namespace berta::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kLastStep = std::numeric_limits<std::int64_t>::max();

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// What is wrong with the nesting of tags; empty if nothing. Knows no comments: reports have none.
std::string unbalanced(const std::string& page) {
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return "no end of a tag";
    const std::string tag = page.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string::npos) return "markup in " + tag;
    if (tag.front() == '!' || tag.back() == '/') continue;
    if (tag.front() != '/') {
      open.push_back(tag.substr(0, tag.find_first_of(" \n")));
    } else if (open.empty() || "/" + open.back() != tag) {
      return tag + " closes " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back() + " is left open";
}

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> out;
  for (const Tick& tick : axis.ticks) out.push_back(tick.label);
  return out;
}

Series series_of(const std::vector<double>& values) {
  Series series{.name = "s"};
  for (const double value : values) {
    series.points.push_back({.step = static_cast<std::int64_t>(series.points.size()), .value = value});
  }
  return series;
}

HtmlReport report_of(Series series) {
  return {.title = "t", .runs = {{.name = "r", .series = {std::move(series)}}}};
}

TEST(Axis, Labels) {
  using Labels = std::vector<std::string>;
  EXPECT_EQ(labels(value_axis(0.1, 0.93, 5)), (Labels{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  EXPECT_EQ(labels(value_axis(0, 2e-5, 4)), (Labels{"0", "0.5e-5", "1.0e-5", "1.5e-5", "2.0e-5"}));
  EXPECT_EQ(labels(value_axis(0, 20'000, 2)), (Labels{"0", "10 k", "20 k"}));
  EXPECT_EQ(labels(value_axis(-3, 3, 3)), (Labels{"-4", "-2", "0", "2", "4"}));
  EXPECT_EQ(labels(value_axis(1e20, 3e20, 2)), (Labels{"1e20", "2e20", "3e20"}));
  EXPECT_EQ(labels(step_axis(1, 1000, 5)), (Labels{"200", "400", "600", "800", "1000"}));
  EXPECT_EQ(labels(step_axis(7, 7, 5)), (Labels{"6", "7", "8"}));
  EXPECT_EQ(labels(step_axis(0, 2, 10)), (Labels{"0", "1", "2"}));
}

TEST(Axis, AnyRangeHasFewTicksInside) {
  const std::vector<double> bounds{-1e308, -1e20, -3, -1e-300,   0,   5e-324,
                                   1e-12,  0.3,   1,  1 + 1e-15, 1e9, 1.7e308};
  for (const double low : bounds) {
    for (const double high : bounds) {
      if (high < low) continue;
      const Axis axis = value_axis(low, high, 6);
      EXPECT_LT(axis.low, axis.high);
      EXPECT_GE(axis.ticks.size(), 2u) << low << " " << high;
      EXPECT_LE(axis.ticks.size(), 9u) << low << " " << high;
      for (const Tick& tick : axis.ticks) {
        EXPECT_GE(axis.place(tick.value), -1e-6);
        EXPECT_LE(axis.place(tick.value), 1 + 1e-6);
      }
    }
  }
  for (const std::int64_t last : {-kLastStep - 1, std::int64_t{0}, kLastStep - 1, kLastStep}) {
    EXPECT_LE(step_axis(last, kLastStep, 8).ticks.size(), 10u) << last;
  }
}

TEST(HtmlReport, AnyValuesGiveABalancedPage) {
  const std::vector<std::vector<double>> all{{},
                                             {0.5},
                                             {kNan, kInfinity},
                                             {1, kNan, 2, -kInfinity, 3},
                                             {3, 3, 3},
                                             {0, 0},
                                             {-1e308, 1e308, 5e307},
                                             {1e-320, 3e-310, 0},
                                             {-250'000, -10},
                                             {1e300, 1},
                                             {5e-324},
                                             {-kInfinity, 1}};
  for (const auto& values : all) {
    for (const double smoothing : {0.0, 0.9}) {
      Series series = series_of(values);
      series.smoothing = smoothing;
      const std::string page = html_report(report_of(series));
      EXPECT_EQ(unbalanced(page), "") << page;
      const std::string svg = page.substr(page.find("<figure>"));
      EXPECT_EQ(count_of(svg, "nan"), 0u) << svg;
      // "inf" may stand in the legend alone: no coordinate has it.
      EXPECT_EQ(
          count_of(svg, "Minf") + count_of(svg, "Linf") + count_of(svg, " inf") + count_of(svg, "\"inf"), 0u);
    }
  }
}

TEST(HtmlReport, TextIsEscapedEverywhere) {
  const std::string bad = "</style></title><script>\"'&\x01\xff";
  Series series = series_of({1, 2, kNan});
  series.name = series.unit = bad;
  const HtmlReport report{.title = bad,
                          .summary = bad,
                          .runs = {{.name = bad, .series = {series}, .results = {{.name = bad, .value = 1}}},
                                   {.name = bad + "2", .series = {series}}},
                          .tables = {{.title = bad, .columns = {bad, bad}, .rows = {{bad, bad}}}},
                          .command = {bad},
                          .config = bad,
                          .facts = {{.title = bad, .facts = {{bad, bad}}}}};
  const std::string page = html_report(report);
  EXPECT_EQ(unbalanced(page), "");
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_EQ(count_of(page, "</style>"), 1u);
  EXPECT_EQ(find_invalid_utf8(page), std::nullopt);
  EXPECT_EQ(page.find('\x01'), std::string::npos);
  EXPECT_THAT(
      page,
      HasSubstr("<h1>&lt;/style&gt;&lt;/title&gt;&lt;script&gt;&quot;'&amp;\xef\xbf\xbd\xef\xbf\xbd</h1>"));
}

TEST(HtmlReport, NeedsNothingElse) {
  const std::string page = html_report(report_of(series_of({1, 2})));
  for (const char* outside : {"src=", "href=", "url(", "@import", "<script", "<link"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  EXPECT_EQ(count_of(page, "http"), count_of(page, "http://www.w3.org/2000/svg"));
}

TEST(HtmlReport, SeveralRunsHaveMeanAndSpread) {
  HtmlReport report{.title = "t",
                    .runs = {{.name = "seed 1", .results = {{.name = "f1", .value = 0.9}}, .seconds = 60},
                             {.name = "seed 2", .results = {{.name = "f1", .value = 0.8}}, .seconds = 120},
                             {.name = "seed 3", .results = {{.name = "loss", .value = kNan}}}}};
  const std::string page = html_report(report);
  const auto cells = [](std::vector<std::string> values) {
    std::string out;
    for (const std::string& value : values) out += "<td class=\"number\">" + value + "</td>";
    return out + "</tr>";
  };
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">f1</th>" +
                              cells({"0.85", "0.071", "0.8", "0.9", "0.9", "0.8", ""})));
  EXPECT_THAT(page,
              HasSubstr("<th scope=\"row\">loss</th>" + cells({"NaN", "", "NaN", "NaN", "", "", "NaN"})));
  EXPECT_THAT(page, HasSubstr("3 runs, 3m 00s in all."));
  report.runs.resize(1);
  EXPECT_THAT(html_report(report), HasSubstr("<th scope=\"row\">f1</th>" + cells({"0.9"})));
}

TEST(HtmlReport, SeriesOfOneChartShareItsAxes) {
  Series train = series_of({3, 2, 1});
  train.name = "train";
  train.chart = "loss";
  Series dev = train;
  dev.name = "dev";
  HtmlReport report{.title = "t", .runs = {{.name = "a", .series = {train, dev}}}};
  const std::string one = html_report(report);
  EXPECT_EQ(count_of(one, "<svg class=\"chart\""), 1u);
  EXPECT_EQ(count_of(one, "<path class=\"line c1 d0\""), 2u);  // in the legend and in the chart
  report.runs.push_back(report.runs[0]);
  report.runs[1].name = "b";
  const std::string two = html_report(report);
  EXPECT_EQ(count_of(two, "<svg class=\"chart\""), 1u);
  EXPECT_EQ(count_of(two, "<path class=\"line c1 d1\""), 2u);
  EXPECT_THAT(two, HasSubstr("</svg>b, dev, last <b>1</b>"));
}

TEST(HtmlReport, LongSeriesAreThinnedButKeepASpike) {
  Series series{.name = "s"};
  for (std::int64_t step = 0; step < 300'000; ++step) series.points.push_back({.step = step, .value = 1});
  series.points[123'457].value = 1000;
  const std::string page = html_report(report_of(series));
  EXPECT_LT(page.size(), 60'000u);
  EXPECT_THAT(page, HasSubstr(" 12.0L"));  // the top of the axis, 1000
}

TEST(HtmlReport, IsWrittenWhole) {
  const io::TemporaryFolder folder;
  const HtmlReport report = report_of(series_of({1}));
  write_html_report(folder.file("report.html"), report);
  EXPECT_EQ(io::read_all(folder.file("report.html")), html_report(report));
  EXPECT_THROW(html_report({.title = "t", .tables = {{.title = "x", .columns = {"a"}, .rows = {{}}}}}),
               InternalError);
}

}  // namespace
}  // namespace berta::report
