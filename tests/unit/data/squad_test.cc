#include "data/squad.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "file.h"

namespace berta::data {
namespace {

using ::testing::HasSubstr;

/// A file with one paragraph.
std::string file_of(const std::string& questions,
                    const std::string& context = "\xc3\xa9t\xc3\xa9: a cat sat") {
  return R"({"version": "x", "data": [{"title": "t", "paragraphs": [{"context": ")" + context +
         R"(", "qas": [)" + questions + "]}]}]}";
}

std::string question(const std::string& id, const std::string& answers) {
  return R"({"id": ")" + id + R"(", "question": "What?", )" + answers + "}";
}

std::string answer(const std::string& text, int begin) {
  return R"("answers": [{"text": ")" + text + R"(", "answer_start": )" + std::to_string(begin) + "}]";
}

std::string refusal(const std::string& content, const SquadOptions& options = {}) {
  return File("a.json", content).refusal([&](const std::string& path) { read_squad(path, options); });
}

TEST(Squad, ReadsAnswersByCodePoints) {
  const File file("a.json",
                  file_of(question("1", answer("cat", 7)) + "," +
                          question("2", R"("is_impossible": true, "answers": [], "plausible_answers": 3)") +
                          "," + question("3", answer("\xc3\xa9t\xc3\xa9", 0))));
  const SquadData data = read_squad(file.path());
  ASSERT_EQ(data.questions.size(), 3u);
  ASSERT_EQ(data.contexts.size(), 1u);
  EXPECT_EQ(data.questions[0].id, "1");
  EXPECT_EQ(data.questions[0].question, "What?");
  EXPECT_EQ(data.context_of(data.questions[0]), "\xc3\xa9t\xc3\xa9: a cat sat");
  EXPECT_EQ(data.questions[0].answers.at(0).text, "cat");
  EXPECT_EQ(data.questions[0].answers.at(0).begin, 7u);
  EXPECT_TRUE(data.questions[1].impossible);
  EXPECT_TRUE(data.questions[1].answers.empty());
  EXPECT_FALSE(data.questions[2].impossible);
  EXPECT_EQ(read_squad(file.path(), {.max_samples = 1}).questions.size(), 1u);
}

TEST(Squad, RefusesAnswersThatDisagree) {
  EXPECT_EQ(
      refusal(file_of(question("q", answer("cat", 6)))),
      "a.json: question \"q\": answer 1: expected \"cat\" at code point 6 of the context, found \" ca\"");
  EXPECT_EQ(
      refusal(file_of(question("q", answer("sat!", 11)))),
      "a.json: question \"q\": answer 1: expected \"sat!\" at code point 11 of the context, found \"sat\"");
  EXPECT_EQ(
      refusal(file_of(question("q", answer("cat", 14)))),
      "a.json: question \"q\": answer 1: expected a start below the 14 code points of the context, found 14");
  EXPECT_THAT(refusal(file_of(question("q", answer("cat", -1)))), HasSubstr("found -1"));
  EXPECT_THAT(refusal(file_of(question("q", answer("", 1)))),
              HasSubstr("answer 1: expected a text, found an empty"));
}

TEST(Squad, SkipsAndCountsThem) {
  const File file(
      "a.json",
      file_of(
          question("1", answer("dog", 7)) + "," + question("2", answer("cat", 7)) + "," +
          question("3",
                   R"("answers": [{"text": "x", "answer_start": 0}, {"text": "a", "answer_start": 5}])")));
  const SquadData data = read_squad(file.path(), {.skip_wrong_answers = true});
  ASSERT_EQ(data.questions.size(), 2u);
  EXPECT_EQ(data.questions[1].answers.size(), 1u);
  EXPECT_EQ(data.skipped_answers, 2u);
  EXPECT_EQ(data.skipped_questions, 1u);
}

TEST(Squad, RefusesOtherStructure) {
  EXPECT_EQ(refusal(file_of(question("q", answer("cat", 7)) + "," + question("q", answer("cat", 7)))),
            "a.json: question \"q\": expected each id once, found it twice");
  EXPECT_EQ(refusal(file_of(question("q", R"("answers": [])"))),
            "a.json: question \"q\": expected an answer, found none");
  EXPECT_EQ(refusal(file_of(question("q", R"("is_impossible": true, )" + answer("cat", 7)))),
            "a.json: question \"q\": expected no answers of an impossible question, found 1");
  EXPECT_EQ(refusal("{\"data\": [{\"paragraphs\": [{\"context\": 1}]}]}"),
            "a.json: data[0].paragraphs[0].context: expected a string, found an integer");
  EXPECT_EQ(
      refusal("{\"data\": [{\"paragraphs\": [{\"context\": \"c\", \"qas\": [{\"question\": \"q\"}]}]}]}"),
      "a.json: data[0].paragraphs[0].qas[0].id: expected a string, found null");
  EXPECT_THAT(refusal("[]"), HasSubstr("a.json: expected an object, found an array"));
  EXPECT_EQ(refusal("{\"data\": []}"), "a.json: expected questions, found none");
  EXPECT_THAT(refusal(""), HasSubstr("a.json: invalid JSON"));
  EXPECT_THAT(refusal("{\"data\": [\"\xff\"]}"), HasSubstr("invalid UTF-8"));
}

TEST(Squad, TakesGzipAndAByteOrderMark) {
  const TemporaryFolder folder;
  const std::string text = "\xef\xbb\xbf" + file_of(question("1", answer("cat", 7)));
  EXPECT_EQ(read_squad(wordvec::testing::append_gzip(folder, "a.json.gz", text)).questions.size(), 1u);
}

}  // namespace
}  // namespace berta::data
