// Whose names a classifier's outputs get.
#include "train/heads/label_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berta::train {
namespace {

using Names = std::vector<std::string>;
using ::testing::HasSubstr;

const Names kModel = {"negative", "positive"};

TEST(LabelChoice, NumbersOfTheDataKeepTheModelsNames) {
  const LabelChoice choice = choose_label_names({"0", "1"}, {}, kModel);
  EXPECT_EQ(choice.names, kModel);
  EXPECT_TRUE(choice.by_number);
  EXPECT_EQ(choice.note, "the data's labels 0 to 1 are negative, positive");
  EXPECT_EQ(label_number("1", 2), 1u);
  EXPECT_EQ(label_number("2", 2), std::nullopt);
  EXPECT_EQ(label_number("1x", 2), std::nullopt);
}

TEST(LabelChoice, NamesThatTheModelKnowsKeepItsOrder) {
  const LabelChoice choice =
      choose_label_names({"negative", "positive"}, {}, {"positive", "negative", "mixed"});
  EXPECT_EQ(choice.names, (Names{"positive", "negative", "mixed"}));
  EXPECT_FALSE(choice.by_number);
  EXPECT_EQ(choice.note, "");
}

TEST(LabelChoice, OtherLabelsReplaceTheModelsAndSaySo) {
  const LabelChoice others = choose_label_names({"1", "2"}, {}, kModel);
  EXPECT_EQ(others.names, (Names{"1", "2"}));
  EXPECT_FALSE(others.by_number);
  EXPECT_THAT(others.note, HasSubstr("(1, 2) take the place of the model's (negative, positive)"));
  EXPECT_THAT(others.note, HasSubstr("goes on in that order"));
  EXPECT_THAT(choose_label_names({"0", "1", "2"}, {}, kModel).note, HasSubstr("made anew"));
}

TEST(LabelChoice, PlaceholdersAreNoNames) {
  EXPECT_EQ(choose_label_names({"0", "1"}, {}, {"LABEL_0", "LABEL_1"}).names, (Names{"0", "1"}));
  EXPECT_EQ(choose_label_names({"bad", "good"}, {}, {}).names, (Names{"bad", "good"}));
}

TEST(LabelChoice, TheUsersNamesWin) {
  EXPECT_EQ(choose_label_names({"a", "b"}, {"b", "a"}, kModel).names, (Names{"b", "a"}));
  const LabelChoice choice = choose_label_names({"0", "1"}, {"no", "yes"}, kModel);
  EXPECT_EQ(choice.names, (Names{"no", "yes"}));
  EXPECT_TRUE(choice.by_number);
}

}  // namespace
}  // namespace berta::train
