#include "tokenizer/bpe.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "model_helpers.h"

namespace berta::tokenizer {
namespace {

using Tokens = std::vector<WordToken>;

std::vector<BpeMerge> merges_of(std::initializer_list<std::pair<const char*, const char*>> pairs) {
  std::vector<BpeMerge> merges;
  for (const auto& [left, right] : pairs) merges.push_back({left, right, merges.size()});
  return merges;
}

Bpe small(BpeOptions options, std::initializer_list<std::pair<const char*, const char*>> merges = {}) {
  return Bpe(vocabulary_of({"<unk>", "a", "b", "ab", "aba", "<0xC3>", "<0xA9>"}), merges_of(merges),
             std::move(options), "merges.txt: line");
}

TEST(Bpe, MergesTheLowestRankFirstAndOfTheseTheLeftmost) {
  const Bpe bpe = small({}, {{"a", "b"}, {"ab", "a"}});
  EXPECT_EQ(tokens_of(bpe, "ababa"), (Tokens{{3, 0, 2}, {4, 2, 5}}));
  EXPECT_EQ(tokens_of(bpe, "aab"), (Tokens{{1, 0, 1}, {3, 1, 3}}));
  EXPECT_EQ(tokens_of(bpe, ""), Tokens{});
}

TEST(Bpe, UnknownsStayApartOrFuse) {
  EXPECT_EQ(tokens_of(small({.unk_token = "<unk>"}), "axyb"),
            (Tokens{{1, 0, 1}, {0, 1, 2}, {0, 2, 3}, {2, 3, 4}}));
  EXPECT_EQ(tokens_of(small({.unk_token = "<unk>", .fuse_unk = true}), "axyb"),
            (Tokens{{1, 0, 1}, {0, 1, 3}, {2, 3, 4}}));
}

TEST(Bpe, WithoutAnUnknownTokenCharactersVanishAndLaterRangesMoveForward) {
  EXPECT_EQ(tokens_of(small({}), "xab"), (Tokens{{1, 0, 1}, {2, 1, 2}}));  // as tokenizers 0.22.2
}

TEST(Bpe, UnknownTokenThatTheVocabularyLacksIsAnErrorOnceItIsNeeded) {
  const Bpe bpe = small({.unk_token = "[UNK]"});
  EXPECT_EQ(tokens_of(bpe, "ab").size(), 2u);
  expect_error([&] { tokens_of(bpe, "x"); }, {"unk_token", "[UNK]"});
}

TEST(Bpe, BytesStandForUnknownCharactersWhereAllAreThere) {
  const Bpe bpe = small({.unk_token = "<unk>", .byte_fallback = true});
  EXPECT_EQ(tokens_of(bpe, "a\xC3\xA9"), (Tokens{{1, 0, 1}, {5, 1, 2}, {6, 1, 2}}));
  EXPECT_EQ(tokens_of(bpe, "\xC3\xA8"), (Tokens{{0, 0, 1}}));  // no <0xA8>
}

TEST(Bpe, IgnoreMergesTakesAWholeWord) {
  EXPECT_EQ(tokens_of(small({}), "aba").size(), 3u);
  EXPECT_EQ(tokens_of(small({.ignore_merges = true}), "aba"), (Tokens{{4, 0, 3}}));
}

TEST(Bpe, PrefixAndSuffixAreParts) {
  const Bpe bpe(vocabulary_of({"a", "##b", "##b</w>", "ab</w>", "##a"}), merges_of({{"a", "##b</w>"}}),
                {.continuing_subword_prefix = "##", .end_of_word_suffix = "</w>"}, "merges");
  EXPECT_EQ(tokens_of(bpe, "ab"), (Tokens{{3, 0, 2}}));
  EXPECT_EQ(tokens_of(bpe, "aab"), (Tokens{{0, 0, 1}, {4, 1, 2}, {2, 2, 3}}));
}

TEST(Bpe, MergesThatTheVocabularyLacksAreErrorsWithTheirNumber) {
  const auto make = [](const char* left, const char* right) {
    Bpe(vocabulary_of({"a", "b"}), {{left, right, 7}}, {}, "merges.txt: line");
  };
  expect_error([&] { make("a", "b"); }, {"merges.txt: line 7", "\"ab\""});
  expect_error([&] { make("x", "b"); }, {"merges.txt: line 7", "\"x\""});
  expect_error([&] { make("a", "x\n"); }, {"merges.txt: line 7", "\\n"});
}

/// Merges by looking through all pairs again and again.
std::vector<std::string> merge_slowly(const std::string& word,
                                      const std::vector<std::pair<std::string, std::string>>& merges) {
  std::vector<std::string> parts;
  for (const char c : word) parts.emplace_back(1, c);
  while (true) {
    std::size_t best = merges.size(), at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto found = std::find(merges.begin(), merges.end(), std::pair(parts[i], parts[i + 1]));
      const auto rank = static_cast<std::size_t>(found - merges.begin());
      if (rank < best) best = rank, at = i;
    }
    if (best == merges.size()) return parts;
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

TEST(Bpe, MergesAsTheDefinitionSaysForWordsOfAnyLength) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& picks,
                           std::uint8_t length) {
    std::vector<std::string> names = {"a", "b", "c"};
    std::vector<std::pair<std::string, std::string>> merges;
    for (const auto& [x, y] : picks) {
      const std::pair<std::string, std::string> merge = {names[x % names.size()], names[y % names.size()]};
      const std::string name = merge.first + merge.second;
      if (name.size() > 24 || std::find(names.begin(), names.end(), name) != names.end()) continue;
      merges.push_back(merge);
      names.push_back(name);
    }
    std::vector<BpeMerge> views;
    for (const auto& [left, right] : merges) views.push_back({left, right});
    const Bpe bpe(vocabulary_of(names), views, {}, "merges");
    const std::string word = *rc::gen::container<std::string>(length, rc::gen::elementOf(std::string("abc")));
    std::vector<std::string> found;
    std::uint32_t end = 0;
    for (const WordToken& token : tokens_of(bpe, word)) {
      RC_ASSERT(token.begin == end);
      end = token.end;
      found.emplace_back(*bpe.token(token.id));
    }
    RC_ASSERT(end == word.size());
    RC_ASSERT(found == merge_slowly(word, merges));
  }));
}

TEST(Bpe, AMillionCharactersTakeNoQuadraticTime) {
  const Bpe bpe = small({}, {{"a", "b"}, {"ab", "a"}});
  std::string word;
  for (int i = 0; i < 500'000; ++i) word += "ab";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(tokens_of(bpe, word).size(), 500'000u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace berta::tokenizer
