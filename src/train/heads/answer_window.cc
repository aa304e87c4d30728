#include "train/heads/answer_window.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace berta::train {
namespace {

constexpr std::size_t kBest = 20;         // candidates for start and end
constexpr std::size_t kLongestSpan = 30;  // tokens

/// The rows with the highest logits of a column, in falling order; equal ones by position.
std::vector<std::size_t> best_rows(std::span<const float> logits, std::size_t column) {
  std::vector<std::size_t> rows(logits.size() / 2);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const std::size_t count = std::min(kBest, rows.size());
  // A sort must have an order, and NaN has none.
  const auto key = [&](std::size_t row) {
    const float logit = logits[2 * row + column];
    return std::isnan(logit) ? -std::numeric_limits<float>::infinity() : logit;
  };
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(),
                    [&](std::size_t a, std::size_t b) {
                      const float x = key(a), y = key(b);
                      return x != y ? x > y : a < b;
                    });
  rows.resize(count);
  return rows;
}

}  // namespace

AnswerWindow answer_window(const tokenizer::Encoding& encoding) {
  AnswerWindow window{.offsets = encoding.offsets};
  const auto& of = encoding.sequence;
  window.first = static_cast<std::size_t>(std::find(of.begin(), of.end(), 1) - of.begin());
  window.end = window.first + static_cast<std::size_t>(std::count(of.begin(), of.end(), 1));
  return window;
}

// Where several tokens share the offsets of one character, as bytes do, all belong to the answer: run_qa
// takes the last of them for the start and the first for the end, which may be an empty span.
std::optional<TokenSpan> find_answer(const AnswerWindow& window, tokenizer::Offset answer) {
  if (window.first == window.end) return std::nullopt;
  if (window.offsets[window.first].begin > answer.begin) return std::nullopt;
  if (window.offsets[window.end - 1].end < answer.end) return std::nullopt;
  TokenSpan span{window.first, window.end - 1};
  while (span.first < span.last && window.offsets[span.first].end <= answer.begin) ++span.first;
  while (span.last > span.first && window.offsets[span.last].begin >= answer.end) --span.last;
  return span;
}

std::optional<ScoredSpan> best_span(const AnswerWindow& window, std::span<const float> logits) {
  check_internal(logits.size() == 2 * window.offsets.size(), "not two logits a token");
  const std::vector<std::size_t> ends = best_rows(logits, 1);
  std::optional<ScoredSpan> best;
  for (const std::size_t first : best_rows(logits, 0)) {
    if (first < window.first || first >= window.end) continue;
    for (const std::size_t last : ends) {
      if (last < first || last >= window.end || last - first + 1 > kLongestSpan) continue;
      const double score = static_cast<double>(logits[2 * first]) + logits[2 * last + 1];
      if (!best || score > best->score) best = {{first, last}, score};
    }
  }
  return best;
}

}  // namespace berta::train
