#include "wordvec/similarity.h"

#include <charconv>
#include <cmath>

#include "core/error.h"
#include "io/quote.h"
#include "metrics/correlation.h"
#include "wordvec/text_lines.h"
#include "wordvec/word_lookup.h"

namespace berta::wordvec {
namespace {

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double products = 0;
  double squares_a = 0;
  double squares_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]);
    const auto y = static_cast<double>(b[i]);
    products += x * y;
    squares_a += x * x;
    squares_b += y * y;
  }
  const double lengths = std::sqrt(squares_a) * std::sqrt(squares_b);
  return lengths > 0 ? products / lengths : 0;
}

}  // namespace

std::vector<SimilarityPair> read_similarity(io::LineReader& lines) {
  std::vector<SimilarityPair> pairs;
  bool first = true;
  std::string_view line;
  while (lines.next(line)) {
    const auto parts = parts_of(line, "\t ,;");
    if (parts.empty() || parts.front().front() == '#') continue;
    const std::optional<double> score = parts.size() > 2 ? number_of(parts[2]) : std::nullopt;
    const bool header = first && parts.size() > 2 && !score;
    first = false;
    if (header) continue;
    if (!score) {
      throw UserError(lines.where() + ": expected two words and a number, found " + io::quoted(line));
    }
    pairs.push_back({.first = std::string(parts[0]), .second = std::string(parts[1]), .score = *score});
  }
  if (pairs.empty()) throw UserError(lines.name() + ": expected pairs of words with scores, found none");
  return pairs;
}

SimilarityResult evaluate_similarity(const WordVectors& vectors, std::span<const SimilarityPair> pairs) {
  std::vector<double> scores;
  std::vector<double> cosines;
  for (const SimilarityPair& pair : pairs) {
    const auto first = vector_of_either_case(vectors, pair.first);
    if (!first) continue;
    const auto second = vector_of_either_case(vectors, pair.second);
    if (!second) continue;
    scores.push_back(pair.score);
    cosines.push_back(cosine(*first, *second));
  }
  SimilarityResult result{.pairs = pairs.size(), .covered = scores.size(), .spearman = std::nullopt};
  const double correlation = metrics::spearman(scores, cosines);
  if (!std::isnan(correlation)) result.spearman = correlation;
  return result;
}

}  // namespace berta::wordvec
