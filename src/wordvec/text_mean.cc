#include "wordvec/text_mean.h"

#include <algorithm>

#include "core/error.h"
#include "wordvec/corpus.h"

namespace berta::wordvec {
namespace {

void add(std::span<const float> vector, std::span<double> sum) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(vector[i]);
}

}  // namespace

TextWords mean_of_words(const WordVectors& vectors, std::string_view text, std::span<double> mean) {
  check_internal(mean.size() == vectors.dimension(), "a mean of another dimension");
  std::fill(mean.begin(), mean.end(), 0.0);
  TextWords count;
  const auto add_word = [&](std::string_view word) {
    if (const auto number = vectors.words.find(word)) {
      add(vectors.vectors.vector(*number), mean);
    } else if (const auto composed = vectors.subwords.any() ? vectors.find(word) : std::nullopt) {
      add(*composed, mean);
    } else {
      ++count.unknown;
      return;
    }
    ++count.known;
  };
  for_words(text, add_word, [] {});
  if (count.known > 0) {
    for (double& value : mean) value /= static_cast<double>(count.known);
  }
  return count;
}

}  // namespace berta::wordvec
