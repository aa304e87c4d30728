#include "wordvec/word_lookup.h"

#include <algorithm>

namespace berta::wordvec {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::optional<std::uint32_t> find_either_case(const WordTable& words, std::string_view word) {
  if (const auto number = words.find(word)) return number;
  return words.find(lower_case(word));
}

std::optional<std::vector<float>> vector_of_either_case(const WordVectors& vectors, std::string_view word) {
  const auto number = find_either_case(vectors.words, word);
  if (!number) return vectors.find(word);
  const auto known = vectors.vectors.vector(*number);
  return std::vector<float>(known.begin(), known.end());
}

}  // namespace berta::wordvec
