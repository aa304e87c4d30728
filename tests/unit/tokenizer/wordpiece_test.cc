#include "tokenizer/wordpiece.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "model_helpers.h"

namespace berta::tokenizer {
namespace {

using Tokens = std::vector<WordToken>;

WordPiece small(WordPieceOptions options = {}) {
  return WordPiece(vocabulary_of({"[UNK]", "un", "unaff", "##aff", "##able", "a", "\xC3\xA9", "##\xC3\xA9"}),
                   std::move(options));
}

TEST(WordPiece, TakesTheLongestPieceFromTheLeft) {
  EXPECT_EQ(tokens_of(small(), "unaffable"), (Tokens{{2, 0, 5}, {4, 5, 9}}));
  EXPECT_EQ(tokens_of(small(), "un"), (Tokens{{1, 0, 2}}));
  EXPECT_EQ(tokens_of(small(), "\xC3\xA9\xC3\xA9"), (Tokens{{6, 0, 1}, {7, 1, 2}}));
}

TEST(WordPiece, AWordThatIsNotCoveredIsOneUnknown) {
  EXPECT_EQ(tokens_of(small(), "unx"), (Tokens{{0, 0, 3}}));
  EXPECT_EQ(tokens_of(small(), "xyz"), (Tokens{{0, 0, 3}}));
}

TEST(WordPiece, AWordOfTooManyCharactersIsUnknown) {
  EXPECT_EQ(tokens_of(small({.max_input_chars_per_word = 9}), "unaffable").size(), 2u);
  EXPECT_EQ(tokens_of(small({.max_input_chars_per_word = 8}), "unaffable"), (Tokens{{0, 0, 9}}));
}

TEST(WordPiece, UnknownTokenThatTheVocabularyLacksIsAnErrorOnceItIsNeeded) {
  const WordPiece model = small({.unk_token = "<unk>"});
  EXPECT_EQ(tokens_of(model, "un").size(), 1u);
  expect_error([&] { tokens_of(model, "x"); }, {"unk_token", "<unk>"});
}

TEST(WordPiece, PiecesCoverTheWordOrItIsUnknown) {
  const WordPiece model(vocabulary_of({"[UNK]", "a", "b", "ab", "##a", "##ba", "##c"}), {});
  EXPECT_TRUE(rc::check([&](std::uint8_t length) {
    const std::string word =
        "a" + *rc::gen::container<std::string>(length % 20, rc::gen::elementOf(std::string("abc")));
    const Tokens tokens = tokens_of(model, word);
    std::string joined;
    std::uint32_t end = 0;
    for (const WordToken& token : tokens) {
      RC_ASSERT(token.begin == end);
      end = token.end;
      const std::string name(*model.token(token.id));
      joined += token.begin > 0 && name.starts_with("##") ? name.substr(2) : name;
    }
    RC_ASSERT(end == word.size());
    RC_ASSERT(joined == word || joined == "[UNK]");
  }));
}

TEST(WordLevel, KnowsWholeWordsAlone) {
  const WordLevel model(vocabulary_of({"<unk>", "dog"}), "<unk>");
  EXPECT_EQ(tokens_of(model, "dog"), (Tokens{{1, 0, 3}}));
  EXPECT_EQ(tokens_of(model, "dogs"), (Tokens{{0, 0, 4}}));
  expect_error([] { tokens_of(WordLevel(vocabulary_of({"dog"}), "<unk>"), "cat"); }, {"<unk>"});
}

}  // namespace
}  // namespace berta::tokenizer
