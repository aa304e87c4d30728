#include "tokenizer/splitting.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "core/utf8.h"
#include "tokenizer/aligned_text.h"

namespace berta::tokenizer {
namespace {

using Words = std::vector<std::string>;

Words words_of(const PreTokenizer& cutter, std::string_view text) {
  std::vector<AlignedText> words = {align(text)};
  cutter.split(words);
  Words out;
  for (const AlignedText& word : words) {
    EXPECT_FALSE(word.text.empty());
    EXPECT_EQ(word.text.size(), word.origins.size());
    out.push_back(encode_utf8(word.text));
  }
  return out;
}

PatternSplit dashes(SplitBehavior behavior, bool invert = false) {
  return PatternSplit(literal_pattern(U"-"), behavior, invert);
}

TEST(PatternSplit, TreatsDelimitersAsAsked) {
  const char* text = "the-final--end";
  EXPECT_EQ(words_of(dashes(SplitBehavior::removed), text), (Words{"the", "final", "end"}));
  EXPECT_EQ(words_of(dashes(SplitBehavior::isolated), text), (Words{"the", "-", "final", "-", "-", "end"}));
  EXPECT_EQ(words_of(dashes(SplitBehavior::merged_with_previous), text),
            (Words{"the-", "final-", "-", "end"}));
  EXPECT_EQ(words_of(dashes(SplitBehavior::merged_with_next), text), (Words{"the", "-final", "-", "-end"}));
  EXPECT_EQ(words_of(dashes(SplitBehavior::contiguous), text), (Words{"the", "-", "final", "--", "end"}));
  EXPECT_EQ(words_of(dashes(SplitBehavior::removed, true), text), (Words{"-", "-", "-"}));
  EXPECT_EQ(words_of(dashes(SplitBehavior::merged_with_previous), "--a"), (Words{"-", "-", "a"}));
  EXPECT_EQ(words_of(dashes(SplitBehavior::removed), ""), Words{});
}

TEST(CharacterSplit, CutsAtItsCharacters) {
  EXPECT_EQ(words_of(punctuation_split(SplitBehavior::isolated), "hi!? $x\xE3\x80\x82"),
            (Words{"hi", "!", "?", " ", "$", "x", "\xE3\x80\x82"}));
  EXPECT_EQ(words_of(digit_split(false), "a12b\xC2\xBD"), (Words{"a", "12", "b", "\xC2\xBD"}));
  EXPECT_EQ(words_of(digit_split(true), "a12"), (Words{"a", "1", "2"}));
  EXPECT_EQ(words_of(digit_split(true), "1\xF0\x91\xB7\xA0"),
            (Words{"1", "\xF0\x91\xB7\xA0"}));  // Unicode 17.0
  EXPECT_EQ(words_of(white_space_split(), " a\t\xE3\x80\x80 b,c"), (Words{"a", "b,c"}));
  EXPECT_EQ(words_of(character_split(U'|'), "|a||b"), (Words{"a", "b"}));
}

TEST(WhitespaceWords, AreRunsOfWordCharactersOrOfOthers) {
  EXPECT_EQ(words_of(WhitespaceWords(), "Hey man!? e\xCC\x81_1  --"),
            (Words{"Hey", "man", "!?", "e\xCC\x81_1", "--"}));
  EXPECT_EQ(words_of(WhitespaceWords(), "\n \t"), Words{});
}

TEST(BertWords, IsolatePunctuationAndDropBlanks) {
  EXPECT_EQ(words_of(BertWords(), "Hey friend!  you?!"), (Words{"Hey", "friend", "!", "you", "?", "!"}));
  EXPECT_EQ(words_of(BertWords(), " "), Words{});
}

TEST(Splitting, KeepsEveryCharacterOfKeptPartsInOrder) {
  EXPECT_TRUE(rc::check([](std::uint8_t length, bool invert) {
    const std::string text = *rc::gen::container<std::string>(length, rc::gen::elementOf(std::string("ab-")));
    for (const auto behavior : {SplitBehavior::isolated, SplitBehavior::merged_with_previous,
                                SplitBehavior::merged_with_next, SplitBehavior::contiguous}) {
      std::string joined;
      for (const std::string& word : words_of(dashes(behavior, invert), text)) joined += word;
      RC_ASSERT(joined == text);
    }
    std::string kept;
    for (const std::string& word : words_of(dashes(SplitBehavior::removed, invert), text)) kept += word;
    std::string expected;
    for (const char c : text) expected += (c == '-') == invert ? std::string(1, c) : std::string();
    RC_ASSERT(kept == expected);
  }));
}

}  // namespace
}  // namespace berta::tokenizer
