#include "wordvec/word_vectors.h"

#include <algorithm>
#include <limits>
#include <new>

namespace berta::wordvec {

Matrix::Matrix(std::size_t rows, std::size_t dimension) : rows_(rows), dimension_(dimension) {
  if (dimension > 0 && rows > std::numeric_limits<std::size_t>::max() / 8 / stride()) throw std::bad_alloc();
  values_ = AlignedBuffer<float>(rows * stride());
  std::fill_n(values_.data(), values_.size(), 0.0f);
}

std::optional<std::vector<float>> WordVectors::find(std::string_view word) const {
  if (const auto number = words.find(word)) {
    const auto known = vectors.vector(*number);
    return std::vector<float>(known.begin(), known.end());
  }
  std::vector<std::uint32_t> parts;
  append_subwords(subwords, word, parts);
  if (parts.empty()) return std::nullopt;
  std::vector<float> mean(dimension());
  for (const std::uint32_t part : parts) {
    const auto vector = buckets.vector(part);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += vector[i];
  }
  for (float& value : mean) value /= static_cast<float>(parts.size());
  return mean;
}

WordVectors first_words(const WordVectors& all, std::size_t count) {
  WordVectors out;
  out.vectors = Matrix(count, all.dimension());
  for (std::size_t i = 0; i < count; ++i) {
    out.words.insert(all.words.word(i));
    std::copy_n(all.vectors.row(i), all.vectors.stride(), out.vectors.row(i));
  }
  out.subwords = all.subwords;
  out.buckets = Matrix(all.buckets.rows(), all.buckets.rows() > 0 ? all.dimension() : 0);
  for (std::size_t i = 0; i < all.buckets.rows(); ++i) {
    std::copy_n(all.buckets.row(i), all.buckets.stride(), out.buckets.row(i));
  }
  return out;
}

}  // namespace berta::wordvec
