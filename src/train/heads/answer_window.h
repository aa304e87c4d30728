#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace berta::train {

/// One window over a context, reduced to what answers need.
struct AnswerWindow {
  std::vector<tokenizer::Offset> offsets;  ///< of each token in the context
  std::size_t first = 0;                   ///< tokens of the context: first ... end - 1
  std::size_t end = 0;
};

AnswerWindow answer_window(const tokenizer::Encoding& encoding);

/// Tokens, both inclusive.
struct TokenSpan {
  std::size_t first = 0;
  std::size_t last = 0;
  friend bool operator==(const TokenSpan&, const TokenSpan&) = default;
};

/// The tokens that an answer at these code points of the context lies in; nothing if it is not wholly in the
/// window.
std::optional<TokenSpan> find_answer(const AnswerWindow& window, tokenizer::Offset answer);

/// A span with the sum of its logits.
struct ScoredSpan {
  TokenSpan span;
  double score = 0;
  friend bool operator==(const ScoredSpan&, const ScoredSpan&) = default;
};

/// The best span of the context by the rules of transformers' run_qa: starts and ends among the 20 rows with
/// the highest logits, at most 30 tokens; of equal ones that with the higher start. Rows of logits: start and
/// end of each token. Nothing if no such pair is a span.
std::optional<ScoredSpan> best_span(const AnswerWindow& window, std::span<const float> logits);

}  // namespace berta::train
