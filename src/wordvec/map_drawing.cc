#include "wordvec/map_drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"
#include "io/xml_text.h"
#include "wordvec/label_places.h"

namespace berta::wordvec {
namespace {

constexpr double kWidth = 1200;
constexpr double kMargin = 60;
constexpr double kTitleHeight = 44;
constexpr double kFontSize = 13;
constexpr double kLineHeight = 15;
constexpr std::size_t kLongestLabel = 40;  // characters

/// Columns of a label in a common sans-serif font: East Asian characters are twice as wide.
double text_width(std::u32string_view text) {
  double width = 0;
  for (const char32_t c : text) width += c >= 0x1100 ? kFontSize : 0.58 * kFontSize;
  return width;
}

std::u32string label_of(std::string_view word) {
  std::u32string label = decode_utf8(word);
  if (label.size() > kLongestLabel) {
    label.resize(kLongestLabel - 1);
    label += U'\u2026';
  }
  return label;
}

/// From the plane of the axes to the picture.
struct Frame {
  double scale = 1;
  double height = 0;
  std::array<double, 2> centre{};

  std::array<double, 2> place(const std::array<double, 2>& point) const {
    return {kWidth / 2 + (point[0] - centre[0]) * scale,
            kTitleHeight + (height - kTitleHeight) / 2 - (point[1] - centre[1]) * scale};
  }
  Box inside() const {
    return {.left = 4, .top = kTitleHeight, .width = kWidth - 8, .height = height - kTitleHeight - 4};
  }
};

Frame frame_of(const PrincipalMap& map) {
  constexpr double kLeast = 420;
  constexpr double kMost = 780;
  std::array<double, 2> low{};
  std::array<double, 2> high{};
  for (const auto& point : map.points) {
    for (std::size_t a = 0; a < 2; ++a) {
      low[a] = std::min(low[a], point[a]);
      high[a] = std::max(high[a], point[a]);
    }
  }
  const double width = high[0] - low[0];
  const double height = high[1] - low[1];
  Frame frame{.scale = 1, .height = kLeast, .centre = {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2}};
  if (width > 0) frame.scale = (kWidth - 2 * kMargin) / width;
  if (height * frame.scale > kMost) frame.scale = kMost / height;
  frame.height = std::max(kLeast, height * frame.scale + 2 * kMargin + kTitleHeight);
  return frame;
}

std::string draw_axes(const Frame& frame) {
  const auto origin = frame.place({0, 0});
  return fmt::format(
      "<path d=\"M0 {1:.1f}H{2:.0f}M{0:.1f} {3:.0f}V{4:.0f}\" stroke=\"#e4e4e4\" fill=\"none\"/>\n",
      origin[0], origin[1], kWidth, kTitleHeight, frame.height);
}

/// A thin line from a point to a label that stands away from it.
std::string draw_leader(const LabelledPoint& point, const Box& label) {
  const double x = std::clamp(point.x, label.left, label.left + label.width);
  const double y = std::clamp(point.y, label.top, label.top + label.height);
  if (std::hypot(x - point.x, y - point.y) < 9) return "";
  return fmt::format("<path d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\" stroke=\"#b0b0b0\" stroke-width=\"0.7\"/>\n",
                     point.x, point.y, x, y);
}

/// Set from the edge that is next to the point: the true width of the text is the font's.
std::string draw_label(const LabelledPoint& point, const Box& label, std::string_view word) {
  double x = label.left + label.width / 2;
  const char* anchor = " text-anchor=\"middle\"";
  if (label.left >= point.x) {
    x = label.left;
    anchor = "";
  } else if (label.left + label.width <= point.x) {
    x = label.left + label.width;
    anchor = " text-anchor=\"end\"";
  }
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, label.top + 0.8 * kLineHeight,
                     anchor, io::xml_text(encode_utf8(label_of(word))));
}

}  // namespace

std::string draw_map(const PrincipalMap& map, std::span<const std::string> words, std::string_view title) {
  check_internal(map.points.size() == words.size(), "not one word a point");
  const Frame frame = frame_of(map);
  std::vector<LabelledPoint> points;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto [x, y] = frame.place(map.points[i]);
    points.push_back({.x = x, .y = y, .width = text_width(label_of(words[i])), .height = kLineHeight});
  }
  const std::vector<Box> labels = place_labels(points, frame.inside());
  const std::string heading =
      fmt::format("{}: axes with {:.1f}% and {:.1f}% of the variance", io::xml_text(title),
                  100 * map.explained[0], 100 * map.explained[1]);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
      "{1:.0f}\" font-family=\"sans-serif\">\n<title>{2}</title>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
      "<text x=\"16\" y=\"28\" font-size=\"17\" fill=\"#222222\">{2}</text>\n",
      kWidth, frame.height, heading);
  svg += draw_axes(frame);
  for (std::size_t i = 0; i < points.size(); ++i) svg += draw_leader(points[i], labels[i]);
  svg += "<g fill=\"#2a6fbb\">\n";
  for (const LabelledPoint& point : points) {
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>\n", point.x, point.y);
  }
  svg += fmt::format("</g>\n<g font-size=\"{:.0f}\" fill=\"#222222\">\n", kFontSize);
  for (std::size_t i = 0; i < words.size(); ++i) svg += draw_label(points[i], labels[i], words[i]);
  return svg + "</g>\n</svg>\n";
}

}  // namespace berta::wordvec
