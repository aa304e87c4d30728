#include "wordvec/map_drawing.h"

#include <gtest/gtest.h>

#include <random>

#include "core/utf8.h"
#include "space.h"
#include "wordvec/label_places.h"

namespace berta::wordvec {
namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string draw(const std::vector<std::vector<float>>& vectors, const std::vector<std::string>& words) {
  return draw_map(principal_map(make_rows(vectors)), words, "a map");
}

TEST(MapDrawing, APointAndALabelForEachWord) {
  const std::string svg = draw({{0, 0}, {3, 1}, {-1, 2}}, {"<one>", "two", "three\xff"});
  EXPECT_EQ(count_of(svg, "<circle "), 3u);
  EXPECT_EQ(count_of(svg, ">&lt;one&gt;</text>"), 1u);
  EXPECT_EQ(count_of(svg, ">two</text>"), 1u);
  EXPECT_EQ(count_of(svg, ">three\xef\xbf\xbd</text>"), 1u);
  EXPECT_EQ(svg.find("<svg xmlns="), 0u);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_EQ(find_invalid_utf8(svg), std::nullopt);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_NE(svg.find("a map: axes with "), std::string::npos);
}

TEST(MapDrawing, TheTitleTellsTheVariance) {
  const std::string svg = draw({{0, 0}, {2, 2}, {1, 1}}, {"a", "b", "c"});
  EXPECT_NE(svg.find("<title>a map: axes with 100.0% and 0.0% of the variance</title>"), std::string::npos);
}

TEST(MapDrawing, PointsAtOnePlaceAndASingleOne) {
  for (const std::string& svg :
       {draw({{1, 1}, {1, 1}}, {"a", "b"}), draw({{5, 5}}, {"a"}), draw({{1}, {2}}, {"a", "b"})}) {
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
  }
}

TEST(MapDrawing, LongWordsAreCut) {
  const std::string svg = draw({{1, 1}, {2, 0}}, {std::string(5000, 'x'), "b"});
  EXPECT_NE(svg.find(std::string(39, 'x') + "\xe2\x80\xa6</text>"), std::string::npos);
  EXPECT_EQ(svg.find(std::string(40, 'x')), std::string::npos);
}

TEST(LabelPlaces, OverlapOfBoxes) {
  const Box box{.left = 0, .top = 0, .width = 10, .height = 4};
  EXPECT_EQ(box.overlap({.left = 8, .top = 3, .width = 5, .height = 5}), 2);
  EXPECT_EQ(box.overlap({.left = 10, .top = 0, .width = 5, .height = 5}), 0);
  EXPECT_EQ(box.overlap({.left = 2, .top = -10, .width = 5, .height = 5}), 0);
}

TEST(LabelPlaces, LabelsOfNeighboursStayApartAndInside) {
  std::mt19937 random(3);
  std::vector<LabelledPoint> points;
  for (int i = 0; i < 100; ++i) {
    points.push_back({.x = 100 + static_cast<double>(random() % 1000),
                      .y = 100 + static_cast<double>(random() % 700),
                      .width = 60,
                      .height = 15});
  }
  const Box frame{.left = 0, .top = 0, .width = 1200, .height = 900};
  const auto labels = place_labels(points, frame);
  ASSERT_EQ(labels.size(), points.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    EXPECT_DOUBLE_EQ(labels[i].overlap(frame), 60 * 15) << i;
    for (std::size_t j = 0; j < i; ++j) EXPECT_EQ(labels[i].overlap(labels[j]), 0) << i << " " << j;
  }
  // The first has all places to choose from: right of its point, at the same height.
  const auto alone = place_labels(std::span(points).first(1), frame);
  EXPECT_DOUBLE_EQ(alone[0].left, points[0].x + 6);
  EXPECT_DOUBLE_EQ(alone[0].top + 7.5, points[0].y);
}

TEST(LabelPlaces, ManyAtOnePlaceStillGetOne) {
  const std::vector<LabelledPoint> points(200, {.x = 50, .y = 50, .width = 30, .height = 10});
  const auto labels = place_labels(points, {.left = 0, .top = 0, .width = 100, .height = 100});
  EXPECT_EQ(labels.size(), 200u);
  for (const Box& label : labels) EXPECT_EQ(label.width, 30);
}

}  // namespace
}  // namespace berta::wordvec
