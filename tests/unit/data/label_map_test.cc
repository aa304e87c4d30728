#include "data/label_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "file.h"

namespace berta::data {
namespace {

using ::testing::ElementsAre;

TEST(LabelMap, SortsIntegersByValueAndTextsByBytes) {
  EXPECT_THAT(LabelMap::sorted({"10", "9", "-1", "9"}).names(), ElementsAre("-1", "9", "10"));
  EXPECT_THAT(LabelMap::sorted({"10", "9", "x"}).names(), ElementsAre("10", "9", "x"));
  EXPECT_THAT(LabelMap::sorted({"b", "\xc3\xa9", "B", "O"}).names(), ElementsAre("B", "O", "b", "\xc3\xa9"));
  EXPECT_THAT(LabelMap::sorted({"1", "01"}).names(), ElementsAre("01", "1"));
}

TEST(LabelMap, FindsBothWays) {
  const LabelMap map({"no", "yes"});
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(map.id("yes"), 1u);
  EXPECT_EQ(map.name(0), "no");
  EXPECT_EQ(map.find("maybe"), std::nullopt);
  EXPECT_EQ(error_of([&] { map.id("maybe"); }), "label \"maybe\": expected one of \"no\", \"yes\"");
  EXPECT_THROW(map.name(2), InternalError);
  EXPECT_EQ(error_of([] { LabelMap({"a", "b", "a"}); }), "labels: expected each once, found \"a\" twice");
  EXPECT_EQ(error_of([] { LabelMap({}); }), "labels: expected at least one, found none");
}

TEST(LabelMap, OfSamples) {
  const std::vector<LabelledText> samples{{.label = "b"}, {.labels = {"c", "a"}}, {.label = "b"}};
  EXPECT_THAT(label_map_of(samples).names(), ElementsAre("a", "b", "c"));
  const std::vector<TaggedSentence> sentences{{.words = {"x", "y"}, .tags = {"O", "B-X"}}};
  EXPECT_THAT(label_map_of(sentences).names(), ElementsAre("B-X", "O"));
}

}  // namespace
}  // namespace berta::data
