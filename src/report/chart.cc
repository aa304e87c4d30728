#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "io/xml_text.h"
#include "report/axis.h"
#include "report/progress_facts.h"

namespace berta::report {
namespace {

constexpr double kWidth = 560;
constexpr double kHeight = 300;
constexpr double kFontSize = 13;
constexpr double kCharacter = 0.62 * kFontSize;  // a digit of common sans-serif fonts, rounded up
constexpr double kTop = 12;
constexpr double kBottom = 44;
constexpr std::size_t kValueTicks = 6;
constexpr std::size_t kMostMarkers = 40;  // curves with more points are lines alone

/// The points of a line as they are drawn, in the order of steps.
struct DrawnLine {
  const ChartLine* line = nullptr;
  std::vector<Point> points;
  std::vector<Point> smooth;  ///< empty without smoothing
  std::size_t not_finite = 0;
  std::int64_t first_not_finite = 0;  ///< its step
};

struct Bounds {
  bool any = false;
  std::int64_t first = 0, last = 0;
  double low = 0, high = 0;

  void add(const Point& point) {
    if (!any)
      *this = {.any = true, .first = point.step, .last = point.step, .low = point.value, .high = point.value};
    first = std::min(first, point.step);
    last = std::max(last, point.step);
    low = std::min(low, point.value);
    high = std::max(high, point.value);
  }
};

DrawnLine drawn(const ChartLine& line) {
  DrawnLine out{.line = &line, .points = line.series->points, .smooth = {}};
  std::stable_sort(out.points.begin(), out.points.end(),
                   [](const Point& a, const Point& b) { return a.step < b.step; });
  for (const Point& point : out.points) {
    if (std::isfinite(point.value)) continue;
    if (out.not_finite++ == 0) out.first_not_finite = point.step;
  }
  constexpr auto kColumns = static_cast<std::size_t>(kWidth);
  if (line.series->smoothing > 0 && out.points.size() > 2) {
    out.smooth = thinned(smoothed(out.points, line.series->smoothing), kColumns);
  }
  out.points = thinned(out.points, kColumns);
  return out;
}

/// From steps and values to the picture.
struct Frame {
  Axis steps, values;
  double left = 0, right = 0;

  double x(double step) const { return left + steps.place(step) * (right - left); }
  double y(double value) const {
    const double place = std::clamp(values.place(value), 0.0, 1.0);  // values beyond the axis' limits
    return kHeight - kBottom - place * (kHeight - kBottom - kTop);
  }
};

double widest(const std::vector<Tick>& ticks) {
  std::size_t longest = 0;
  for (const Tick& tick : ticks) longest = std::max(longest, tick.label.size());
  return static_cast<double>(longest) * kCharacter;
}

Frame frame_of(const Bounds& bounds) {
  Frame frame;
  frame.values = value_axis(bounds.low, bounds.high, kValueTicks);
  frame.left = widest(frame.values.ticks) + 14;
  frame.right = kWidth - 24;
  for (std::size_t ticks = 8; ticks > 0; --ticks) {
    frame.steps = step_axis(bounds.first, bounds.last, ticks);
    const double needed = (widest(frame.steps.ticks) + 16) * static_cast<double>(frame.steps.ticks.size());
    if (needed <= frame.right - frame.left) break;
  }
  return frame;
}

std::string axes_svg(const Frame& frame) {
  std::string out = "<g class=\"grid\">\n";
  for (const Tick& tick : frame.values.ticks) {
    out += fmt::format("<path d=\"M{:.1f} {:.1f}H{:.1f}\"/>\n", frame.left, frame.y(tick.value), frame.right);
  }
  out += "</g>\n<g class=\"tick\" text-anchor=\"end\">\n";
  for (const Tick& tick : frame.values.ticks) {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", frame.left - 8, frame.y(tick.value) + 4,
                       tick.label);
  }
  const double bottom = kHeight - kBottom;
  out += fmt::format("</g>\n<path class=\"axis\" d=\"M{:.1f} {:.1f}H{:.1f}", frame.left, bottom, frame.right);
  for (const Tick& tick : frame.steps.ticks)
    out += fmt::format("M{:.1f} {:.1f}v5", frame.x(tick.value), bottom);
  out += "\"/>\n<g class=\"tick\" text-anchor=\"middle\">\n";
  for (const Tick& tick : frame.steps.ticks) {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", frame.x(tick.value), bottom + 19,
                       tick.label);
  }
  return out + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">step</text>\n</g>\n",
                           (frame.left + frame.right) / 2, kHeight - 7);
}

/// One path, with a gap where a value is not finite; a point between two gaps is a dot of the line's round
/// ends.
std::string path_svg(const Frame& frame, const std::vector<Point>& points, const std::string& classes) {
  std::string path;
  bool pen = false;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!std::isfinite(points[i].value)) {
      pen = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", pen ? 'L' : 'M', frame.x(static_cast<double>(points[i].step)),
                        frame.y(points[i].value));
    const bool alone = !pen && (i + 1 == points.size() || !std::isfinite(points[i + 1].value));
    if (alone) path += "h0";
    pen = true;
  }
  return path.empty() ? "" : fmt::format("<path class=\"{}\" d=\"{}\"/>\n", classes, path);
}

std::string classes_of(const ChartLine& line) {
  return fmt::format("line c{} d{}", line.colour % kChartColours, line.dash % kChartDashes);
}

std::string titled(const DrawnLine& drawn, const std::string& content) {
  return "<g><title>" + io::xml_text(drawn.line->label) + "</title>\n" + content + "</g>\n";
}

std::string line_svg(const Frame& frame, const DrawnLine& drawn) {
  if (!drawn.smooth.empty()) return titled(drawn, path_svg(frame, drawn.smooth, classes_of(*drawn.line)));
  std::string out = path_svg(frame, drawn.points, classes_of(*drawn.line));
  if (drawn.points.size() > kMostMarkers) return titled(drawn, out);
  for (const Point& point : drawn.points) {
    if (!std::isfinite(point.value)) continue;
    out += fmt::format(
        "<circle class=\"c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>step {}: {}</title></circle>\n",
        drawn.line->colour % kChartColours, frame.x(static_cast<double>(point.step)), frame.y(point.value),
        point.step, value_text(point.value));
  }
  return titled(drawn, out);
}

/// The points under smoothed curves come first, so that they hide no curve; of many lines they are fainter.
std::string lines_svg(const Frame& frame, const std::vector<DrawnLine>& lines) {
  const char* pale = lines.size() > 2 ? " pale many" : " pale";
  std::string out;
  for (const DrawnLine& drawn : lines) {
    if (!drawn.smooth.empty()) out += path_svg(frame, drawn.points, classes_of(*drawn.line) + pale);
  }
  for (const DrawnLine& drawn : lines) out += line_svg(frame, drawn);
  return out;
}

std::string legend_html(const std::vector<DrawnLine>& lines) {
  std::string out = "<ul class=\"legend\">\n";
  for (const DrawnLine& drawn : lines) {
    const std::vector<Point>& points = drawn.smooth.empty() ? drawn.points : drawn.smooth;
    const std::string last =
        points.empty() ? "no points" : "last <b>" + value_text(points.back().value) + "</b>";
    out += fmt::format(
        "<li><svg viewBox=\"0 0 30 10\" width=\"30\" height=\"10\" aria-hidden=\"true\">"
        "<path class=\"{}\" d=\"M2 5H28\"/></svg>{}, {}</li>\n",
        classes_of(*drawn.line), io::xml_text(drawn.line->label), last);
  }
  return out + "</ul>\n";
}

std::string notes_html(const std::vector<DrawnLine>& lines) {
  std::string out;
  for (const DrawnLine& drawn : lines) {
    if (drawn.not_finite == 0) continue;
    out += fmt::format("<p class=\"note\">{}: {} of {} values not finite, the first at step {}</p>\n",
                       io::xml_text(drawn.line->label), drawn.not_finite, drawn.line->series->points.size(),
                       drawn.first_not_finite);
  }
  return out;
}

std::string picture_svg(const std::vector<DrawnLine>& lines, const std::string& name) {
  Bounds bounds;
  for (const DrawnLine& drawn : lines) {
    for (const Point& point : drawn.points) {
      if (std::isfinite(point.value)) bounds.add(point);
    }
  }
  if (!bounds.any) return "<p class=\"note\">no values</p>\n";
  const Frame frame = frame_of(bounds);
  std::string out = fmt::format(
      "<div class=\"scroll\"><svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} "
      "{:.0f}\" "
      "role=\"img\" aria-label=\"{}\">\n",
      kWidth, kHeight, name);
  return out + axes_svg(frame) + lines_svg(frame, lines) + "</svg></div>\n";
}

}  // namespace

std::string chart_html(const Chart& chart) {
  std::vector<DrawnLine> lines;
  lines.reserve(chart.lines.size());
  for (const ChartLine& line : chart.lines) lines.push_back(drawn(line));
  const std::string title = io::xml_text(chart.title);
  std::string out = "<figure>\n<figcaption>" + title;
  if (!chart.unit.empty()) out += " <span class=\"unit\">" + io::xml_text(chart.unit) + "</span>";
  return out + "</figcaption>\n" + legend_html(lines) + picture_svg(lines, title) + notes_html(lines) +
         "</figure>\n";
}

}  // namespace berta::report
