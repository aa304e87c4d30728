#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/multiple_choice.h"
#include "data/preference.h"
#include "data/ranking.h"
#include "file.h"

namespace berta::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class Read>
std::string refusal(Read read, const std::string& content) {
  return File("a.jsonl", content).refusal([&](const std::string& path) { read(path, kNoLimit); });
}

TEST(MultipleChoice, ReadsIndicesAndLetters) {
  const File file("a.jsonl", R"({"ctx": "c", "endings": ["x", "y", "z"], "label": 2}
{"article": "c", "question": "q", "options": ["x", "y"], "answer": "B"}
{"question": "q", "choices": ["x", "y"], "answerKey": "a"}
{"context": "c", "choices": ["x", "y"], "label": "1"})");
  const auto samples = read_multiple_choice(file.path());
  ASSERT_EQ(samples.size(), 4u);
  EXPECT_EQ(samples[0].context, "c");
  EXPECT_EQ(samples[0].question, "");
  EXPECT_THAT(samples[0].choices, ElementsAre("x", "y", "z"));
  std::vector<std::size_t> labels;
  for (const MultipleChoice& sample : samples) labels.push_back(sample.label);
  EXPECT_THAT(labels, ElementsAre(2, 1, 0, 1));
  EXPECT_EQ(samples[1].question, "q");
  EXPECT_EQ(read_multiple_choice(file.path(), 1).size(), 1u);
}

TEST(MultipleChoice, Errors) {
  const auto message = [](const std::string& content) { return refusal(read_multiple_choice, content); };
  EXPECT_EQ(
      message(R"({"context": "c", "choices": ["x", "y"], "label": 2})"),
      "a.jsonl: line 1: key 'label': expected the letter or the index of one of 2 choices, found \"2\"");
  EXPECT_THAT(message(R"({"context": "c", "choices": ["x", "y"], "label": -1})"), HasSubstr("found \"-1\""));
  EXPECT_THAT(message(R"({"context": "c", "choices": ["x", "y"], "label": ""})"), HasSubstr("found \"\""));
  EXPECT_EQ(message(R"({"context": "c", "choices": ["x"], "label": 0})"),
            "a.jsonl: line 1: key 'choices': expected at least 2 choices, found 1");
  EXPECT_EQ(message(R"({"choices": ["x", "y"], "label": 0})"),
            "a.jsonl: line 1: expected a key 'context' or 'question', found \"choices\", \"label\"");
  EXPECT_EQ(message(""), "a.jsonl: expected questions with choices, found none");
}

TEST(Preferences, ReadsPairs) {
  const File file("a.jsonl",
                  "{\"chosen\": \"good\", \"rejected\": \"bad\"}\n"
                  "{\"prompt\": \"p\", \"rejected\": \"r\", \"chosen\": \"c\"}\n");
  const auto pairs = read_preferences(file.path());
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].prompt, "");
  EXPECT_EQ(pairs[0].chosen, "good");
  EXPECT_EQ(pairs[1].rejected, "r");
  EXPECT_EQ(pairs[1].prompt, "p");
  EXPECT_EQ(refusal(read_preferences, "{\"chosen\": \"x\"}"),
            "a.jsonl: line 1: expected a key 'rejected', found \"chosen\"");
  EXPECT_EQ(refusal(read_preferences, "{\"chosen\": [], \"rejected\": \"x\"}"),
            "a.jsonl: line 1: key 'chosen': expected a string, found an array");
}

TEST(Ranking, ReadsGroups) {
  const File file("a.jsonl",
                  "{\"query\": \"q\", \"positives\": [\"a\"], \"negatives\": [\"b\", \"c\"]}\n"
                  "{\"query\": \"r\", \"positive\": \"d\"}\n");
  const auto groups = read_ranking_groups(file.path());
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_THAT(groups[0].negatives, ElementsAre("b", "c"));
  EXPECT_THAT(groups[1].positives, ElementsAre("d"));
  EXPECT_THAT(groups[1].negatives, IsEmpty());
  EXPECT_EQ(refusal(read_ranking_groups, "{\"query\": \"q\", \"positives\": []}"),
            "a.jsonl: line 1: expected positives, found none");
}

TEST(Ranking, ReadsScoredDocuments) {
  const auto documents = read_scored_documents(File("a.tsv", "query\tdocument\tscore\nq\td\t0.5\n").path());
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(documents[0].query, "q");
  EXPECT_EQ(documents[0].document, "d");
  EXPECT_EQ(documents[0].score, 0.5);
  const File plain("b.tsv", "q\td\t1\n");
  const ColumnChoice columns{.text = "1", .text_pair = "2", .label = "3"};
  EXPECT_EQ(read_scored_documents(plain.path(), {.columns = columns}).at(0).score, 1);
  EXPECT_EQ(File("c.tsv", "query\tscore\nq\t1\n").refusal([](const std::string& path) {
    read_scored_documents(path);
  }),
            "c.tsv: sample 1: expected a query and a document, found no column or key of the document");
}

}  // namespace
}  // namespace berta::data
