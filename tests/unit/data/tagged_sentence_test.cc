#include "data/tagged_sentence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "file.h"

namespace berta::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<TaggedSentence> read(const File& file, const TaggedSentenceOptions& options = {}) {
  return read_tagged_sentences(file.path(), options);
}

std::string refusal(const std::string& name, const std::string& content,
                    const TaggedSentenceOptions& options = {}) {
  return File(name, content).refusal([&](const std::string& path) { read_tagged_sentences(path, options); });
}

TEST(Conll, SeparatesSentences) {
  const auto sentences =
      read({"a.conll",
            "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n\n \t\nPeter NNP B-NP "
            "B-PER\n-DOCSTART- -X- O O\nx y z O"});
  ASSERT_EQ(sentences.size(), 3u);
  EXPECT_THAT(sentences[0].words, ElementsAre("EU", "rejects"));
  EXPECT_THAT(sentences[0].tags, ElementsAre("B-ORG", "O"));
  EXPECT_THAT(sentences[1].tags, ElementsAre("B-PER"));
  EXPECT_THAT(sentences[2].words, ElementsAre("x"));
}

TEST(Conll, TakesTabsLinesOfATabAndMarks) {
  const auto sentences = read({"a.conll",
                               "\xef\xbb\xbfNew York\tB-LOC\n \xc2\xa0 \tO\r\n\t\n\xef\xbb\xbf"
                               "b\tO\n\xef\xbb\xbf\nc \tO\n"});
  ASSERT_EQ(sentences.size(), 3u);
  EXPECT_THAT(sentences[0].words, ElementsAre("New York", "\xc2\xa0"));
  EXPECT_THAT(sentences[1].words, ElementsAre("b"));
  EXPECT_THAT(sentences[2].words, ElementsAre("c"));
}

TEST(Conll, ColumnsAndPrefix) {
  const File file("a.conll", "1 en:Rome x B-LOC 9\n2 en:en:a x O 9\n");
  const auto sentences = read(file, {.word_column = 2, .tag_column = 4, .word_prefix = "en:"});
  EXPECT_THAT(sentences.at(0).words, ElementsAre("Rome", "en:a"));
  EXPECT_THAT(sentences.at(0).tags, ElementsAre("B-LOC", "O"));
  const auto blanks = read({"b.conll", "a b\tO\n"}, {.column_ends = ColumnEnds::blanks, .word_column = 2});
  EXPECT_THAT(blanks.at(0).words, ElementsAre("b"));
  EXPECT_EQ(read({"c.conll", "a O\n\nb O\n\nc\n"}, {.max_samples = 2}).size(), 2u);
}

TEST(Conll, ErrorsNameTheLine) {
  EXPECT_EQ(refusal("a.conll", "a O\nword\n"), "a.conll: line 2: expected a word and a tag, found 1 column");
  EXPECT_EQ(refusal("a.conll", "a O\n", {.tag_column = 3}),
            "a.conll: line 1: expected at least 3 columns, found 2 columns");
  EXPECT_EQ(refusal("a.conll", "a\tO\n\tO\n"), "a.conll: line 2: expected a word, found an empty column");
  EXPECT_EQ(refusal("a.conll", "a\tO\nb\t\n"), "a.conll: line 2: expected a tag, found an empty column");
  EXPECT_EQ(refusal("a.conll", "a O\n\xff O\n"),
            "a.conll: line 2: expected UTF-8, found an invalid byte at 1");
  EXPECT_EQ(refusal("a.conll", "\n\n"), "a.conll: expected sentences of words with tags, found none");
  EXPECT_EQ(refusal("a.csv", "a,O"), "a.csv: expected CoNLL form or JSON lines, found CSV");
  EXPECT_EQ(refusal("a.conll", "en: O\n", {.word_prefix = "en:"}),
            "a.conll: line 1: expected a word, found an empty column");
}

TEST(TaggedJson, ReadsArrays) {
  const auto sentences = read({"a.jsonl", R"({"tokens": ["en:a", "b c"], "ner_tags": ["O", "B-X"]}
{"tokens": [], "ner_tags": []}
{"words": ["d"], "tags": ["O"]})"},
                              {.word_prefix = "en:"});
  ASSERT_EQ(sentences.size(), 2u);
  EXPECT_THAT(sentences[0].words, ElementsAre("a", "b c"));
  EXPECT_THAT(sentences[0].tags, ElementsAre("O", "B-X"));
}

TEST(TaggedJson, Errors) {
  EXPECT_EQ(refusal("a.jsonl", R"({"tokens": ["a"], "ner_tags": ["O", "O"]})"),
            "a.jsonl: line 1: expected as many tags as words, 1, found 2");
  EXPECT_EQ(refusal("a.jsonl", R"({"tokens": ["a"], "ner_tags": [0]})"),
            "a.jsonl: line 1: key 'ner_tags', entry 1: expected a string, found an integer");
  EXPECT_EQ(refusal("a.jsonl", R"({"tokens": ["a"], "x": 1})"),
            "a.jsonl: line 1: expected a key 'ner_tags' or 'tags' or 'labels', found \"tokens\", \"x\"");
  EXPECT_EQ(refusal("a.jsonl", R"({"tokens": ["a", ""], "tags": ["O", "O"]})"),
            "a.jsonl: line 1: key 'tokens', entry 2: expected a text, found an empty one");
}

}  // namespace
}  // namespace berta::data
