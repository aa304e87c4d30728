#include "wordvec/similarity.h"

#include <gtest/gtest.h>

#include "space.h"

namespace berta::wordvec {
namespace {

std::vector<SimilarityPair> read(const std::string& content) {
  io::LineReader lines = lines_of(content);
  return read_similarity(lines);
}

std::string refusal(const std::string& content) {
  return error_of([&] { read(content); });
}

TEST(SimilarityFile, TakesTheSeparatorsOfThePublishedFiles) {
  for (const std::string line : {"tiger\tcat\t7.35", "tiger cat 7.35", "tiger,cat,7.35", "tiger;cat;7.35",
                                 "  tiger, \tcat ; 7.35  6 8 9\r"}) {
    const auto pairs = read(line + "\n");
    ASSERT_EQ(pairs.size(), 1u) << line;
    EXPECT_EQ(pairs[0].first, "tiger");
    EXPECT_EQ(pairs[0].second, "cat");
    EXPECT_EQ(pairs[0].score, 7.35);
  }
}

TEST(SimilarityFile, LeavesOutHeaderCommentsAndEmptyLines) {
  const auto pairs = read("# WordSim\n\nWord 1,Word 2,Human (mean)\na,b,1\n#c d 3\ne,f,-2e0\n");
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].first, "a");
  EXPECT_EQ(pairs[1].score, -2);
}

TEST(SimilarityFile, ErrorsNameTheLine) {
  EXPECT_EQ(refusal("a b 1\n\nc d x\n"), "f: line 3: expected two words and a number, found \"c d x\"");
  EXPECT_EQ(refusal("a b\n"), "f: line 1: expected two words and a number, found \"a b\"");
  EXPECT_EQ(refusal("a b 1\nc d nan\n"), "f: line 2: expected two words and a number, found \"c d nan\"");
  EXPECT_EQ(refusal("a b 1\nc d 1e999\n"), "f: line 2: expected two words and a number, found \"c d 1e999\"");
  EXPECT_EQ(refusal("a b score\n# none\n"), "f: expected pairs of words with scores, found none");
  EXPECT_EQ(refusal(""), "f: expected pairs of words with scores, found none");
}

TEST(Similarity, CountsCoveredPairsAndFallsBackToLowerCase) {
  const WordVectors space = make_space({{"a", {1, 0}}, {"b", {2, 1}}, {"c", {0, 3}}, {"C", {1, 0.1f}}});
  // Cosines: a b 0.894, A c 0, b C 0.93: "A" is looked up as "a", "C" as itself.
  const auto pairs = read("a b 5\nA c 1\nb C 6\na unknown 9\nx y 2\n");
  const SimilarityResult result = evaluate_similarity(space, pairs);
  EXPECT_EQ(result.pairs, 5u);
  EXPECT_EQ(result.covered, 3u);
  EXPECT_DOUBLE_EQ(*result.spearman, 1);
  EXPECT_EQ(evaluate_similarity(space, read("a b 5\nx y 2\n")).spearman, std::nullopt);
}

TEST(Similarity, WordsOfSubwordsTakePart) {
  WordVectors space = make_space({{"a", {1, 0}}, {"b", {0, 1}}});
  const auto pairs = read("a b 1\na new 2\nb new 3\n");
  EXPECT_EQ(evaluate_similarity(space, pairs).covered, 1u);
  space.subwords = {.shortest = 3, .longest = 3, .buckets = 1};
  space.buckets = make_rows({{1, 2}});  // of every n-gram
  const SimilarityResult result = evaluate_similarity(space, pairs);
  EXPECT_EQ(result.covered, 3u);
  EXPECT_DOUBLE_EQ(*result.spearman, 1);  // cosines 0, 0.447, 0.894
}

}  // namespace
}  // namespace berta::wordvec
