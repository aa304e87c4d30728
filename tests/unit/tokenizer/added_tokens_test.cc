#include "tokenizer/added_tokens.h"

#include <gtest/gtest.h>

#include "core/utf8.h"
#include "tokenizer/added_vocabulary.h"
#include "tokenizer/unigram.h"

namespace berta::tokenizer {
namespace {

using Splits = std::vector<std::pair<std::int32_t, std::string>>;

/// (id or -1, text) of each part.
Splits split(const std::vector<AddedToken>& tokens, std::string_view text) {
  std::vector<std::u32string> contents;
  for (const AddedToken& token : tokens) contents.push_back(decode_utf8(token.content));
  const std::u32string wide = decode_utf8(text);
  std::vector<AddedTokenSplit> parts;
  AddedTokenMatcher(tokens, contents).split(wide, parts);
  Splits out;
  for (const AddedTokenSplit& part : parts)
    out.emplace_back(part.id,
                     encode_utf8(std::u32string_view(wide).substr(part.begin, part.end - part.begin)));
  return out;
}

TEST(AddedTokens, AreFoundLeftmostLongest) {
  const std::vector<AddedToken> tokens = {{"do", 1}, {"dog", 2}, {"og x", 3}, {"", 4}};
  EXPECT_EQ(split(tokens, "a dog x do"), (Splits{{-1, "a "}, {2, "dog"}, {-1, " x "}, {1, "do"}}));
  EXPECT_EQ(split(tokens, "dodog"), (Splits{{1, "do"}, {2, "dog"}}));
  EXPECT_EQ(split(tokens, "none"), (Splits{{-1, "none"}}));
  EXPECT_EQ(split(tokens, ""), Splits{});
  EXPECT_EQ(split({}, "dog"), (Splits{{-1, "dog"}}));
}

TEST(AddedTokens, StripWhiteSpace) {
  const std::vector<AddedToken> tokens = {{.content = "<l>", .id = 1, .lstrip = true},
                                          {.content = "<r>", .id = 2, .rstrip = true}};
  EXPECT_EQ(split(tokens, "a \u3000<l> b"), (Splits{{-1, "a"}, {1, " \u3000<l>"}, {-1, " b"}}));
  EXPECT_EQ(split(tokens, "a <r> \n b"), (Splits{{-1, "a "}, {2, "<r> \n "}, {-1, "b"}}));
  EXPECT_EQ(split(tokens, "<r>  <l>"), (Splits{{2, "<r>  "}, {1, "<l>"}}));  // the first took the blanks
}

TEST(AddedTokens, MayNeedToBeWords) {
  const std::vector<AddedToken> tokens = {{.content = "fox", .id = 1, .single_word = true}};
  EXPECT_EQ(split(tokens, "fox foxes, fox!"), (Splits{{1, "fox"}, {-1, " foxes, "}, {1, "fox"}, {-1, "!"}}));
  EXPECT_EQ(split(tokens, "\u00E9fox_fox"), (Splits{{-1, "\u00E9fox_fox"}}));
}

TEST(AddedTokens, OfManyFirstLettersAreFound) {
  std::vector<AddedToken> tokens;
  for (int i = 0; i < 20; ++i) tokens.push_back({std::string(1, static_cast<char>('a' + i)) + "!", i});
  EXPECT_EQ(split(tokens, "xc!x"), (Splits{{-1, "x"}, {2, "c!"}, {-1, "x"}}));
}

class Vocabularies : public testing::Test {
 protected:
  Unigram model_ = Unigram({{"[UNK]", 0}, {"[CLS]", 0}, {"a", -1}}, 0, false);
  AddedVocabulary added_ = AddedVocabulary(model_);
};

TEST_F(Vocabularies, GiveKnownOrFreeIds) {
  added_.add({.content = "[CLS]", .special = true});
  added_.add({.content = "new"});
  added_.add({.content = "newer"});
  added_.add({.content = "new"});
  added_.add({.content = ""});
  EXPECT_EQ(added_.id("[CLS]"), 1);
  EXPECT_EQ(added_.id("new"), 3);
  EXPECT_EQ(added_.id("newer"), 4);
  EXPECT_EQ(added_.id("a"), 2);
  EXPECT_EQ(added_.id("b"), std::nullopt);
  EXPECT_TRUE(added_.contains("new") && !added_.contains("a"));
  EXPECT_EQ(added_.tokens().size(), 3u);
}

TEST_F(Vocabularies, RememberTheFirstAndTheLastAddition) {
  added_.add({.content = "[CLS]", .normalized = false, .special = true});
  added_.add({.content = "[CLS]", .lstrip = true, .normalized = true, .special = true});
  const auto tokens = added_.tokens();  // 0.22.2: where to look of the first, how to strip of the last
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_TRUE(!tokens[0].normalized && tokens[0].lstrip && tokens[0].special);
  const auto latest = added_.latest_tokens();  // 0.23.3
  ASSERT_EQ(latest.size(), 1u);
  EXPECT_TRUE(latest[0].normalized && latest[0].lstrip);
}

TEST_F(Vocabularies, LookForOrdinaryTokensInBothTexts) {
  added_.add({.content = "x", .normalized = true});
  added_.add({.content = "x", .normalized = false});
  EXPECT_EQ(added_.tokens().size(), 2u);
  EXPECT_EQ(added_.latest_tokens().size(), 1u);
}

}  // namespace
}  // namespace berta::tokenizer
