#include "tokenizer/vocabulary.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "model_helpers.h"
#include "tokenizer/vocabulary_files.h"

namespace berta::tokenizer {
namespace {

Vocabulary read(const char* json) {
  const io::Json parsed = io::parse_json(json, "vocab.json");
  return read_vocabulary(JsonNode(parsed, "vocab.json"));
}

TEST(Vocabulary, KnowsWhatAMapKnows) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::string, std::uint16_t>>& entries) {
    Vocabulary vocabulary;
    std::map<std::string, std::int32_t> expected;
    for (const auto& [name, id] : entries) {
      vocabulary.add(name, id, "test");
      expected[name] = id;
    }
    RC_ASSERT(vocabulary.count() == expected.size());
    for (const auto& [name, id] : expected) {
      RC_ASSERT(vocabulary.id(name) == id);
      RC_ASSERT(vocabulary.token(id).has_value());
      RC_ASSERT(id < vocabulary.size());
    }
    RC_ASSERT(expected.contains("?") || vocabulary.id("?") == std::nullopt);
  }));
}

TEST(Vocabulary, HashGoesOnWhereItStopped) {
  EXPECT_EQ(Vocabulary::hash("abc"), Vocabulary::hash("c", Vocabulary::hash("ab")));
  EXPECT_EQ(Vocabulary().id("a"), std::nullopt);
  EXPECT_EQ(Vocabulary().token(0), std::nullopt);
  EXPECT_EQ(vocabulary_of({"a"}).token(-1), std::nullopt);
}

TEST(VocabularyJson, IsReadOrRefused) {
  EXPECT_EQ(read(R"({"a": 1, "b": 0, "\u0120c": 5})").size(), 6);
  expect_error([] { read(R"({"a": -1})"); }, {"vocab.json", "-1", "\"a\""});
  expect_error([] { read(R"({"a": 99999999999})"); }, {"vocab.json", "99999999999"});
  expect_error([] { read(R"({"a": 1e300})"); }, {"vocab.json", "\"a\"", "integer"});
  expect_error([] { read(R"({"a": "1"})"); }, {"vocab.json", "\"a\"", "string"});
  expect_error([] { read(R"({"a": 3, "b": 3})"); }, {"vocab.json", "\"a\"", "\"b\"", "3"});
  expect_error([] { read(R"({"a": 3, "a": 4})"); }, {"vocab.json"});
  expect_error([] { read("[]"); }, {"vocab.json", "object"});
}

TEST(Merges, AreReadOrRefused) {
  const auto merges = read_merges("#version: 0.2\na b\r\n\nab c", "merges.txt");
  ASSERT_EQ(merges.size(), 2u);
  EXPECT_EQ(merges[1].left, "ab");
  EXPECT_EQ(merges[1].right, "c");
  EXPECT_EQ(merges[1].number, 4u);
  expect_error([] { read_merges("#version: 0.2\nab\n", "merges.txt"); }, {"merges.txt: line 2", "\"ab\""});
  expect_error([] { read_merges("a b c\n", "merges.txt"); }, {"merges.txt: line 1"});
  expect_error([] { read_merges(" a\n", "merges.txt"); }, {"merges.txt: line 1"});
  expect_error([] { read_merges("a \n", "merges.txt"); }, {"merges.txt: line 1"});
  expect_error([] { read_merges("a b\nc \xFF\n", "merges.txt"); }, {"merges.txt: line 2", "UTF-8"});
}

TEST(VocabularyLines, NumberTheTokens) {
  const Vocabulary vocabulary = read_vocabulary_lines("[PAD]\r\na\nb\na\n", "vocab.txt");
  EXPECT_EQ(vocabulary.id("[PAD]"), 0);
  EXPECT_EQ(vocabulary.id("a"), 3);  // the last one counts
  EXPECT_EQ(vocabulary.size(), 4);
  expect_error([] { read_vocabulary_lines("", "vocab.txt"); }, {"vocab.txt"});
  expect_error([] { read_vocabulary_lines("a\n\xC3\n", "vocab.txt"); }, {"vocab.txt: line 2"});
}

}  // namespace
}  // namespace berta::tokenizer
