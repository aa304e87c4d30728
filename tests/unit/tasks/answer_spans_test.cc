#include "tasks/answer_spans.h"

#include <gtest/gtest.h>

namespace berta::tasks {
namespace {

/// [CLS] q [SEP] a b c d [SEP]; b and c are one word.
tokenizer::Encoding make_window() {
  tokenizer::Encoding window;
  window.ids = {1, 9, 2, 10, 11, 12, 13, 2};
  window.type_ids.resize(8);
  window.sequence = {-1, 0, -1, 1, 1, 1, 1, -1};
  window.words = {-1, 0, -1, 0, 1, 1, 2, -1};
  window.offsets = {{0, 0}, {0, 3}, {0, 0}, {0, 2}, {2, 5}, {5, 7}, {7, 9}, {0, 0}};
  return window;
}

infer::Matrix make_logits(const std::vector<float>& starts, const std::vector<float>& ends) {
  infer::Matrix out{.rows = 8, .columns = 2, .data = {}};
  for (std::size_t i = 0; i < 8; ++i) out.data.insert(out.data.end(), {starts[i], ends[i]});
  return out;
}

TEST(FindSpans, OnlyInTheContext) {
  const auto logits = make_logits({5, 90, 90, 0, 3, 0, 0, 90}, {5, 90, 90, 0, 0, 2, 0, 90});
  const WindowAnswers found = find_spans(make_window(), logits, {.count = 3, .max_length = 15, .cls = 1});
  ASSERT_EQ(found.spans.size(), 3U);
  EXPECT_EQ(found.spans[0].first, 4U);
  EXPECT_EQ(found.spans[0].last, 5U);
  EXPECT_GT(found.spans[0].score, found.spans[1].score);
  // Starts: exp(5) of exp(5) + exp(3) + 3; ends: exp(5) of exp(5) + exp(2) + 3.
  EXPECT_NEAR(found.null_score, 0.865379 * 0.934610, 1e-4);
}

TEST(FindSpans, AnswersEndAfterTheyBegin) {
  const auto logits = make_logits({0, 0, 0, 0, 0, 0, 30, 0}, {0, 0, 0, 30, 0, 0, 0, 0});
  for (const AnswerSpan& span : find_spans(make_window(), logits, {.count = 99, .cls = 1}).spans) {
    EXPECT_LE(span.first, span.last);
    EXPECT_GE(span.first, 3U);
    EXPECT_LE(span.last, 6U);
  }
}

TEST(FindSpans, NotLongerThanAsked) {
  const auto logits = make_logits(std::vector<float>(8, 0), std::vector<float>(8, 0));
  EXPECT_EQ(find_spans(make_window(), logits, {.count = 99, .max_length = 2, .cls = 1}).spans.size(), 7U);
  EXPECT_EQ(find_spans(make_window(), logits, {.count = 99, .max_length = 1000, .cls = 1}).spans.size(), 10U);
  EXPECT_EQ(find_spans(make_window(), logits, {.count = 5, .max_length = 1000, .cls = 1}).spans.size(), 5U);
}

TEST(SpanRange, GrowsToWords) {
  const AnswerSpan span{.score = 1, .first = 3, .last = 4};
  EXPECT_EQ(span_range(make_window(), span, true), (tokenizer::Offset{0, 7}));
  EXPECT_EQ(span_range(make_window(), span, false), (tokenizer::Offset{0, 5}));
}

}  // namespace
}  // namespace berta::tasks
