#pragma once

#include <cstddef>
#include <vector>

#include "infer/model.h"
#include "tokenizer/tokenizer.h"

namespace berta::tasks {

/// A span of a window's tokens [first, last] as an answer.
struct AnswerSpan {
  float score = 0;  ///< probability of the start times that of the end, within the window
  std::size_t first = 0;
  std::size_t last = 0;
};

struct WindowAnswers {
  std::vector<AnswerSpan> spans;  ///< by falling score, equal ones by position; all scores above 0
  double null_score = 0;          ///< of [CLS]: that the window has no answer
};

struct SpanOptions {
  std::size_t count = 1;        ///< spans wanted
  std::size_t max_length = 15;  ///< tokens of a span
  std::optional<std::int32_t> cls = std::nullopt;
};

/// Best spans of the context in one window; logits [length, 2] of starts and ends (select_starts_ends and
/// decode_spans of transformers' question-answering pipeline).
WindowAnswers find_spans(const tokenizer::Encoding& window, const infer::Matrix& logits,
                         const SpanOptions& options);

/// The code points of the context that a span stands for; with `align_to_words` grown to whole words of the
/// tokenizer.
tokenizer::Offset span_range(const tokenizer::Encoding& window, const AnswerSpan& span, bool align_to_words);

}  // namespace berta::tasks
