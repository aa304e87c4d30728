#include "tasks/answer_spans.h"

#include <algorithm>
#include <optional>

#include "tasks/scores.h"

namespace berta::tasks {
namespace {

/// What the pipeline puts in place of the logits of tokens that can't be in an answer.
constexpr float kMasked = -10000;

std::vector<float> probabilities(const infer::Matrix& logits, std::size_t column,
                                 const std::vector<bool>& allowed) {
  std::vector<float> values(allowed.size());
  for (std::size_t t = 0; t < values.size(); ++t) {
    values[t] = allowed[t] ? logits.row(static_cast<std::int64_t>(t))[column] : kMasked;
  }
  return softmax(values);
}

/// Tokens of the word `word` of the context.
std::optional<tokenizer::Offset> word_range(const tokenizer::Encoding& window, std::int32_t word) {
  if (word < 0) return std::nullopt;
  std::optional<tokenizer::Offset> range;
  for (std::size_t t = 0; t < window.ids.size(); ++t) {
    if (window.sequence[t] != 1 || window.words[t] != word) continue;
    if (!range) range = window.offsets[t];
    range->end = window.offsets[t].end;
  }
  return range;
}

}  // namespace

WindowAnswers find_spans(const tokenizer::Encoding& window, const infer::Matrix& logits,
                         const SpanOptions& options) {
  const std::size_t length = window.ids.size();
  std::vector<bool> allowed(length);
  for (std::size_t t = 0; t < length; ++t) {
    allowed[t] = window.sequence[t] == 1 || (options.cls && window.ids[t] == *options.cls);
  }
  const std::vector<float> starts = probabilities(logits, 0, allowed),
                           ends = probabilities(logits, 1, allowed);
  WindowAnswers out;
  out.null_score = starts[0] * ends[0];
  // The first token is [CLS]: "no answer", never part of one.
  for (std::size_t first = 1; first < length; ++first) {
    if (!allowed[first]) continue;
    const std::size_t stop = std::min(length, first + std::min(length, options.max_length));
    for (std::size_t last = first; last < stop; ++last) {
      const float score = starts[first] * ends[last];
      if (allowed[last] && score > 0) out.spans.push_back({score, first, last});
    }
  }
  const auto middle =
      out.spans.begin() + static_cast<std::ptrdiff_t>(std::min(options.count, out.spans.size()));
  std::partial_sort(out.spans.begin(), middle, out.spans.end(), [](const AnswerSpan& a, const AnswerSpan& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.first != b.first ? a.first < b.first : a.last < b.last;
  });
  out.spans.erase(middle, out.spans.end());
  return out;
}

tokenizer::Offset span_range(const tokenizer::Encoding& window, const AnswerSpan& span, bool align_to_words) {
  if (align_to_words) {
    const auto first = word_range(window, window.words[span.first]);
    const auto last = word_range(window, window.words[span.last]);
    if (first && last) return {first->begin, last->end};
  }
  return {window.offsets[span.first].begin, window.offsets[span.last].end};
}

}  // namespace berta::tasks
