#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "head_data.h"
#include "train/heads/answer_window.h"
#include "train/ops/row_groups.h"

namespace berta::train {
namespace {

using metrics::value_of;
using testing::cross_entropy;
using testing::figures_of;
using ::testing::HasSubstr;
using testing::HeadData;
using testing::pointers;
using testing::rows_of;
using testing::some_logits;

using Span = std::pair<std::int64_t, std::int64_t>;

std::string paragraph(const std::string& context, const std::string& questions) {
  return R"({"context": ")" + context + R"(", "qas": [)" + questions + "]}";
}
std::string file_of(const std::string& paragraphs) {
  return R"({"version": "x", "data": [{"title": "t", "paragraphs": [)" + paragraphs + "]}]}";
}

// As tokens: [CLS] Who sat ? [SEP] The film was good . A very old cat sat there , and the story is bad for me
// . [SEP]
const std::string kContext = "The film was good. A very old cat sat there, and the story is bad for me.";
const std::string kAnswerable =
    R"({"id": "1", "question": "Who sat?", "answers": [{"text": "old cat", "answer_start": 26}, )"
    R"({"text": "A very old cat", "answer_start": 19}]})";
const std::string kImpossible =
    R"({"id": "2", "question": "Who sat?", "answers": [], "is_impossible": true})";

HeadData windowed(const std::string& questions) {
  HeadData data(Task::answer);
  data.settings.max_length = 16;
  data.settings.stride = 4;
  data.train("a.json", file_of(paragraph(kContext, questions)));
  data.dev_gzip("b.json.gz", file_of(paragraph(kContext, questions)));
  return data;
}

std::vector<Span> answers_of(const std::vector<Example>& examples) {
  std::vector<Span> spans;
  for (const Example& example : examples) spans.emplace_back(example.answer_start, example.answer_end);
  return spans;
}

TEST(AnswerHead, WindowsWithTheirAnswers) {
  HeadData data = windowed(kAnswerable + ", " + kImpossible);
  const auto head = data.make();
  // The third window begins behind the answer.
  EXPECT_EQ(answers_of(head->train()), (std::vector<Span>{{12, 13}, {6, 7}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}));
  EXPECT_EQ(head->train()[2].sequences[0].ids.size(), 14u);
  EXPECT_EQ(head->train()[2].source, 0u);
  EXPECT_EQ(head->train()[3].source, 1u);
  EXPECT_EQ(head->dev()[0].source, 2u);
  EXPECT_TRUE(head->heads().answer);
  data.settings.max_length = 0;
  EXPECT_EQ(answers_of(data.make()->train()), (std::vector<Span>{{12, 13}, {0, 0}}));
}

TEST(AnswerHead, LossIsOverTheTokensOfEachWindow) {
  const HeadData data = windowed(kAnswerable);
  const auto head = data.make();
  const auto all = pointers(head->train());
  const at::Tensor logits = some_logits(rows_of(head->train()), 2);
  const auto x = logits.accessor<double, 2>();
  double sum = 0;
  std::int64_t begin = 0;
  for (const Example* example : all) {
    const auto length = static_cast<std::int64_t>(example->sequences[0].ids.size());
    for (const std::int64_t column : {0, 1}) {
      std::vector<double> own;
      for (std::int64_t i = 0; i < length; ++i) own.push_back(x[begin + i][column]);
      const std::int64_t label = column == 0 ? example->answer_start : example->answer_end;
      sum += cross_entropy(own, static_cast<std::size_t>(label));
    }
    begin += length;
  }
  EXPECT_NEAR(head->loss(logits, all).item<double>(), sum / 6, 1e-12);
  const at::Tensor rows = head->distributions(logits, all);
  EXPECT_EQ(rows.sizes(), (std::vector<std::int64_t>{6, 16}));
  EXPECT_EQ(rows[1][15].item<double>(), x[15][1]);
  EXPECT_EQ(rows[4][13].item<double>(), x[45][0]);
  EXPECT_EQ(rows[4][14].item<double>(), kNoRow);
}

/// Logits that say the right answer of each window.
at::Tensor right_logits(const TaskHead& head) {
  at::Tensor logits = at::zeros({rows_of(head.dev()), 2});
  std::int64_t begin = 0;
  for (const Example& example : head.dev()) {
    logits[begin + example.answer_start][0] = 9;
    logits[begin + example.answer_end][1] = 9;
    begin += static_cast<std::int64_t>(example.sequences[0].ids.size());
  }
  return logits;
}

TEST(AnswerHead, FiguresWhereEachQuestionHasAnAnswer) {
  const HeadData data = windowed(kAnswerable);
  const auto head = data.make();
  at::Tensor logits = right_logits(*head);
  metrics::Metrics figures = figures_of(*head, logits, 2, 32);
  EXPECT_EQ(value_of(figures, "exact_match"), 100);
  EXPECT_EQ(value_of(figures, "f1"), 100);
  // In the first window a better span: "film was good" has nothing of the answer; [CLS] is no answer.
  logits[6][0] = 20;
  logits[8][1] = 20;
  logits[0] = 50;
  figures = figures_of(*head, logits, 1, 16);
  EXPECT_EQ(value_of(figures, head->main_metric()), 0);
  // "cat" of two gold words: precision 1, recall 1/2.
  logits = at::zeros_like(logits);
  logits[13] = 30;
  EXPECT_NEAR(value_of(figures_of(*head, logits, 3, 46), "f1"), 200.0 / 3, 1e-9);
}

TEST(AnswerHead, FiguresWithImpossibleQuestions) {
  const HeadData data = windowed(kAnswerable + ", " + kImpossible);
  const auto head = data.make();
  at::Tensor logits = right_logits(*head);
  metrics::Metrics figures = figures_of(*head, logits, 4, 62);
  EXPECT_EQ(value_of(figures, "exact"), 100);
  EXPECT_EQ(value_of(figures, "f1"), 100);
  EXPECT_EQ(value_of(figures, "HasAns_total"), 1);
  // One window that is sure of an answer is enough, so all three must be for none.
  logits.narrow(0, 0, 46).zero_();
  for (const std::int64_t cls : {0, 16, 32}) logits[cls] = 5;
  figures = figures_of(*head, logits, 4, 62);
  EXPECT_EQ(value_of(figures, "HasAns_f1"), 0);
  EXPECT_EQ(value_of(figures, "NoAns_f1"), 100);
  EXPECT_EQ(value_of(figures, "f1"), 50);
  logits[16] = 0;
  logits[22][0] = 1;  // "old" in the second window
  logits[23][1] = 1;
  EXPECT_EQ(value_of(figures_of(*head, logits, 4, 62), "HasAns_exact"), 100);
}

TEST(AnswerHead, ContextsAreNotSplit) {
  HeadData data(Task::answer);
  std::string paragraphs;
  for (int i = 0; i < 4; ++i) {
    const std::string id = std::to_string(i);
    if (i > 0) paragraphs += ", ";
    paragraphs +=
        paragraph("A cat.", R"({"id": "a)" + id + R"(", "question": "Who?", "answers": [{"text": "cat",
                      "answer_start": 2}]}, {"id": "b)" +
                                id + R"(", "question": "What?", "answers": [{"text": "A",
                      "answer_start": 0}]})");
  }
  data.train("a.json", file_of(paragraphs));
  data.settings.dev_share = 0.25;
  auto head = data.make();
  ASSERT_EQ(head->dev().size(), 2u);
  EXPECT_EQ(head->train().size(), 6u);
  EXPECT_EQ(head->dev()[0].source / 2, head->dev()[1].source / 2);
  data.settings.max_samples = 3;
  EXPECT_EQ(data.make()->train().size(), 3u);
}

TEST(AnswerHead, ErrorsSayWhere) {
  HeadData data =
      windowed(R"({"id": "9", "question": "q", "answers": [{"text": "dog", "answer_start": 2}]})");
  EXPECT_THAT(data.refusal(), HasSubstr("a.json: question \"9\": answer 1: expected \"dog\""));
  data = windowed(kAnswerable);
  data.settings.max_length = 6;
  EXPECT_THAT(data.refusal(), HasSubstr("a.json: sample 1: windows: the question has 3 tokens"));
}

/// A context of one character a token, behind [CLS] and one token of a question.
AnswerWindow letters(std::size_t count) {
  AnswerWindow window{.offsets = {{0, 0}, {0, 1}}, .first = 2, .end = count + 2};
  for (std::uint32_t i = 0; i < count; ++i) window.offsets.push_back({i, i + 1});
  window.offsets.push_back({0, 0});
  return window;
}

TEST(AnswerWindow, BytesOfACharacterAreAllInTheAnswer) {
  AnswerWindow window = letters(4);
  EXPECT_EQ(find_answer(window, {1, 3}), (TokenSpan{3, 4}));
  EXPECT_EQ(find_answer(window, {0, 4}), (TokenSpan{2, 5}));
  EXPECT_EQ(find_answer(window, {3, 5}), std::nullopt);
  window.offsets = {{0, 0}, {0, 1}, {4, 5}, {5, 6}, {5, 6}, {6, 7}, {0, 0}};
  EXPECT_EQ(find_answer(window, {5, 6}), (TokenSpan{3, 4}));
  EXPECT_EQ(find_answer(window, {3, 5}), std::nullopt);
  window.end = window.first;
  EXPECT_EQ(find_answer(window, {5, 6}), std::nullopt);
}

TEST(AnswerWindow, BestSpanByTheRulesOfRunQa) {
  const AnswerWindow window = letters(40);
  std::vector<float> logits(2 * window.offsets.size(), 0);
  const auto set = [&](std::size_t row, float start, float end) {
    logits[2 * row] = start;
    logits[2 * row + 1] = end;
  };
  set(0, 90, 90);  // [CLS]
  set(1, 80, 80);  // the question
  set(5, 9, 1);
  set(35, 1, 9);    // 31 tokens: too long
  set(34, 1, 8);    // 30
  set(2, -50, 20);  // before the start
  const auto best = best_span(window, logits);
  ASSERT_TRUE(best);
  EXPECT_EQ(best->span, (TokenSpan{5, 34}));
  EXPECT_EQ(best->score, 17);
  // 20 rows that are no context take all places.
  AnswerWindow late = window;
  late.first = 30;
  for (std::size_t row = 0; row < 30; ++row) set(row, 50, 50);
  EXPECT_EQ(best_span(late, logits), std::nullopt);
  set(31, std::nanf(""), 60);
  EXPECT_EQ(best_span(late, logits), std::nullopt);
}

}  // namespace
}  // namespace berta::train
