#include "tokenizer/unigram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "core/error.h"
#include "tokenizer/piece_trie.h"

namespace berta::tokenizer {
namespace {

std::vector<std::int32_t> ids(const Unigram& model, std::u32string_view word) {
  std::vector<WordToken> tokens;
  model.tokenize(word, tokens);
  std::vector<std::int32_t> out;
  std::uint32_t end = 0;
  for (const WordToken& token : tokens) {
    EXPECT_LE(token.begin, token.end);
    EXPECT_LE(token.end, word.size());
    end = std::max(end, token.end);
    out.push_back(token.id);
  }
  EXPECT_EQ(end, word.size());
  return out;
}

using Ids = std::vector<std::int32_t>;

Unigram small() {
  return Unigram(
      {{"<unk>", 0}, {"a", 0}, {"b", 0}, {"c", 0}, {"d", 0}, {"cd", 1}, {"ab", 2}, {"abc", 5}, {"abcd", 10}},
      0, false);
}

TEST(Unigrams, TakeTheBestSum) {
  EXPECT_EQ(ids(small(), U"abcdacdxx"), (Ids{8, 1, 5, 0}));  // two unknowns in a row are one
  EXPECT_EQ(ids(small(), U""), Ids{});
  EXPECT_EQ(ids(small(), U"xax"), (Ids{0, 1, 0}));
}

TEST(Unigrams, KeepTheEarlierOfEqualPaths) {
  // "aa" + "a" and "a" + "aa" have one sum: the candidate that begins first stays.
  const Unigram model({{"?", 0}, {"a", -1}, {"aa", -3}}, 0, false);
  EXPECT_EQ(ids(model, U"aaa"), (Ids{1, 1, 1}));
  const Unigram tie({{"?", 0}, {"a", -1}, {"aa", -1}}, 0, false);
  EXPECT_EQ(ids(tie, U"aaa"), (Ids{1, 2}));
}

TEST(Unigrams, SumInDouble) {
  // In float 1e8 + 1 is 1e8, so the second path would not be better.
  const Unigram model({{"?", 0}, {"a", 1e8}, {"b", 1}, {"ab", 1e8}}, 0, false);
  EXPECT_EQ(ids(model, U"ab"), (Ids{1, 2}));
}

TEST(Unigrams, TreatTheUnknownPieceAsUnknown) {
  const Unigram model({{"<unk>", 0}, {"a", -1}}, 0, false);
  EXPECT_EQ(ids(model, U"x<unk>ya"), (Ids{0, 1}));
}

TEST(Unigrams, LookAFusedRunUpOnceMore) {
  const Unigram model({{"?", 0}, {"xy", -50}}, 0, false);  // dearer than two unknowns would be as a path
  const Unigram positive({{"?", 50}, {"xy", 50}}, 0, false);
  EXPECT_EQ(ids(model, U"xy"), (Ids{1}));
  EXPECT_EQ(ids(positive, U"xy"), (Ids{1}));
}

TEST(Unigrams, LetTheLaterOfDoublePiecesCount) {
  const Unigram model({{"?", 0}, {"a", -1}, {"a", -2}}, 0, false);
  EXPECT_EQ(ids(model, U"a"), (Ids{2}));
  EXPECT_EQ(model.id("a"), 2);
  EXPECT_EQ(model.token(1), "a");
  EXPECT_EQ(model.token(3), std::nullopt);
  EXPECT_EQ(model.token(-1), std::nullopt);
  EXPECT_EQ(model.id("b"), std::nullopt);
  EXPECT_EQ(model.size(), 3);
}

TEST(Unigrams, FallBackToBytes) {
  std::vector<UnigramPiece> pieces = {{"?", 0}, {"a", -1}, {"<0xC3>", 0}, {"<0xA9>", 0}};
  const Unigram model(pieces, 0, true);
  std::vector<WordToken> tokens;
  model.tokenize(U"a\u00E9", tokens);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[1].id, 2);
  EXPECT_EQ(tokens[2].id, 3);
  EXPECT_EQ(tokens[2].begin, 1u);
  EXPECT_EQ(ids(model, U"a\u00EA"), (Ids{1, 0}));  // a byte is missing
}

TEST(Unigrams, NeedAnUnknownPiece) {
  const Unigram model({{"a", -1}}, std::nullopt, false);
  EXPECT_EQ(ids(model, U"aa"), (Ids{0, 0}));
  std::vector<WordToken> tokens;
  EXPECT_THROW(model.tokenize(U"ab", tokens), UserError);
  EXPECT_THROW(Unigram({{"a", -1}}, 1, false), UserError);
  EXPECT_THROW(Unigram({{"a", -1}}, -1, false), UserError);
}

TEST(Unigrams, TakeWordsOfAnyLength) {
  const std::u32string word(100000, U'a');
  EXPECT_EQ(ids(small(), word).size(), word.size());
}

RC_GTEST_PROP(PieceTries, FindWhatAMapFinds, ()) {
  const auto short_text = rc::gen::container<std::string>(rc::gen::element('a', 'b', '\x80', '\xFF', '\0'));
  const auto texts = *rc::gen::container<std::vector<std::string>>(short_text);
  std::map<std::string, std::int32_t> expected;
  std::vector<PieceTrie::Key> keys;
  for (const std::string& text : texts) {
    const auto id = static_cast<std::int32_t>(keys.size());
    keys.push_back({text, id * 0.5, id});
    if (!text.empty()) expected[text] = id;
  }
  const PieceTrie trie(keys);
  for (const auto& [text, id] : expected) {
    RC_ASSERT(trie.find(text) == id);
    std::uint32_t node = 0;
    for (const char c : text) RC_ASSERT(trie.step(node, static_cast<unsigned char>(c)));
    RC_ASSERT(trie.ends(node) && trie.score(node) == id * 0.5);
  }
  const std::string other = *short_text;
  RC_ASSERT((trie.find(other) >= 0) == expected.contains(other));
}

TEST(PieceTries, HoldAllBytesAndLongKeys) {
  std::vector<std::string> texts;
  for (int b = 0; b < 256; ++b)
    for (int c = 0; c < 256; c += 5) texts.push_back({static_cast<char>(b), static_cast<char>(c)});
  texts.push_back(std::string(60000, 'q'));
  std::vector<PieceTrie::Key> keys;
  for (const std::string& text : texts) keys.push_back({text, 0, static_cast<std::int32_t>(keys.size())});
  const PieceTrie trie(keys);
  for (std::size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(trie.find(texts[i]), static_cast<std::int32_t>(i));
  EXPECT_EQ(trie.find(std::string(59999, 'q')), -1);
  EXPECT_EQ(PieceTrie().find("a"), -1);
  EXPECT_EQ(PieceTrie(std::span<const PieceTrie::Key>()).find("a"), -1);
}

}  // namespace
}  // namespace berta::tokenizer
