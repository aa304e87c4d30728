#include "wordvec/analogies.h"

#include <gtest/gtest.h>

#include "core/parallel.h"
#include "space.h"

namespace berta::wordvec {
namespace {

std::vector<AnalogySection> read(const std::string& content) {
  io::LineReader lines = lines_of(content);
  return read_analogies(lines);
}

std::string refusal(const std::string& content) {
  return error_of([&] { read(content); });
}

/// Country and capital share one number, kind the others: (kind, place) with an angle for each place.
WordVectors capitals() {
  return make_space({{"france", {1, 0, 1, 0, 0}},
                     {"paris", {0, 1, 1, 0, 0}},
                     {"spain", {1, 0, 0, 1, 0}},
                     {"madrid", {0, 1, 0, 1, 0}},
                     {"italy", {1, 0, 0, 0, 1}},
                     {"rome", {0, 1, 0, 0, 1}},
                     {"Rome", {5, 0, 0, 0, 0}}});
}

TEST(AnalogyFile, SectionsAndQuestions) {
  const auto sections = read(
      ": capital-common-countries\nA B\tC  D\n# no question\n\n: gram1-adjective\ne f g h\n"
      ":  two words \n");
  ASSERT_EQ(sections.size(), 3u);
  EXPECT_EQ(sections[0].name, "capital-common-countries");
  EXPECT_EQ(sections[0].questions, (std::vector<Analogy>{{"A", "B", "C", "D"}}));
  EXPECT_FALSE(sections[0].syntactic());
  EXPECT_EQ(sections[1].questions, (std::vector<Analogy>{{"e", "f", "g", "h"}}));
  EXPECT_TRUE(sections[1].syntactic());
  EXPECT_EQ(sections[2].name, "two words");
}

TEST(AnalogyFile, ErrorsNameTheLine) {
  EXPECT_EQ(refusal(": s\na b c d\na b c\n"), "f: line 3: expected four words, found 3 in \"a b c\"");
  EXPECT_EQ(refusal("\na b c d\n"),
            "f: line 2: expected a line ': SECTION' before the questions, found \"a b c d\"");
  EXPECT_EQ(refusal(": s\n:\n"), "f: line 2: expected the name of a section behind ':', found none");
  EXPECT_EQ(refusal(": s\n"), "f: expected questions of four words, found none");
}

TEST(Analogies, KnownAnswersOfAConstructedSpace) {
  const auto sections = read(
      ": capitals\nfrance paris spain madrid\nfrance paris italy rome\n"
      "france paris spain rome\n: gram\nparis france rome italy\n");
  const auto scores = evaluate_analogies(capitals(), sections, 100);
  ASSERT_EQ(scores.size(), 2u);
  EXPECT_EQ(scores[0].questions, 3u);
  EXPECT_EQ(scores[0].asked, 3u);
  EXPECT_EQ(scores[0].correct, 2u);
  EXPECT_EQ(scores[1].correct, 1u);
}

TEST(Analogies, WordsOfTheQuestionAreNoAnswers) {
  // b - a + c is c itself, so c would win; b comes next, and only then d.
  const WordVectors space =
      make_space({{"a", {1, 0}}, {"b", {1, 0.01f}}, {"c", {0.5f, 1}}, {"d", {-1, 0.1f}}});
  const auto scores = evaluate_analogies(space, read(": s\na b c d\na b c c\n"), 4);
  EXPECT_EQ(scores[0].asked, 2u);
  EXPECT_EQ(scores[0].correct, 1u);
}

TEST(Analogies, OnlyTheMostFrequentWordsTakePart) {
  const auto sections = read(": s\nfrance paris spain madrid\nfrance paris italy rome\n");
  const auto scores = evaluate_analogies(capitals(), sections, 4);
  EXPECT_EQ(scores[0].questions, 2u);
  EXPECT_EQ(scores[0].asked, 1u);
  EXPECT_EQ(scores[0].correct, 1u);
}

TEST(Analogies, CaseIsTakenAsItIsThenLower) {
  // "France" is unknown and taken as "france"; "Rome" is a word of its own, unless it is not among the first.
  const auto sections = read(": s\nFrance PARIS Italy Rome\n");
  EXPECT_EQ(evaluate_analogies(capitals(), sections, 100)[0].correct, 0u);
  EXPECT_EQ(evaluate_analogies(capitals(), sections, 6)[0].correct, 1u);
}

TEST(Analogies, LengthsOfVectorsDoNotMatter) {
  WordVectors space = capitals();
  for (float& value : space.vectors.vector(1)) value *= 100;
  for (float& value : space.vectors.vector(2)) value *= 0.01f;
  EXPECT_EQ(evaluate_analogies(space, read(": s\nfrance paris spain madrid\n"), 100)[0].correct, 1u);
}

// More questions than run at once, on one thread and on several.
TEST(AnalogiesParallel, ManyQuestionsAreCountedOnce) {
  std::string content = ": s\n";
  for (int i = 0; i < 9000; ++i) {
    content += i % 3 == 0 ? "france paris spain rome\n" : "france paris spain madrid\n";
  }
  const auto sections = read(content);
  for (const int threads : {1, 3}) {
    set_threads(threads);
    const auto scores = evaluate_analogies(capitals(), sections, 100);
    EXPECT_EQ(scores[0].asked, 9000u);
    EXPECT_EQ(scores[0].correct, 6000u);
  }
  set_threads(0);
}

}  // namespace
}  // namespace berta::wordvec
