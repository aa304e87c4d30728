#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/aligned_buffer.h"
#include "wordvec/subwords.h"
#include "wordvec/word_table.h"

namespace berta::wordvec {

/// Floats between rows of vectors of `dimension` numbers: whole cache lines, so that rows share none and
/// kernels need no tails. What is behind a vector is 0.
constexpr std::size_t stride_of(std::size_t dimension) {
  return (dimension + 15) / 16 * 16;
}

/// Rows of numbers, a vector each, zeros at first.
class Matrix {
 public:
  Matrix() = default;
  /// Throws std::bad_alloc.
  Matrix(std::size_t rows, std::size_t dimension);

  std::size_t rows() const { return rows_; }
  std::size_t dimension() const { return dimension_; }
  std::size_t stride() const { return stride_of(dimension_); }
  float* row(std::size_t i) { return values_.data() + i * stride(); }
  const float* row(std::size_t i) const { return values_.data() + i * stride(); }
  std::span<const float> vector(std::size_t i) const { return {row(i), dimension_}; }
  std::span<float> vector(std::size_t i) { return {row(i), dimension_}; }

 private:
  std::size_t rows_ = 0;
  std::size_t dimension_ = 0;
  AlignedBuffer<float> values_;
};

/// Words, most frequent first as a rule, and their vectors; with subwords also the vectors of words that are
/// not among them.
struct WordVectors {
  WordTable words;
  Matrix vectors;  ///< [words, dimension]
  SubwordOptions subwords;
  Matrix buckets;  ///< [subwords.buckets, dimension], empty without subwords

  std::size_t size() const { return words.size(); }
  std::size_t dimension() const { return vectors.dimension(); }

  /// The vector of a word; of an unknown word the mean of its subwords' vectors; nothing where there are
  /// none. (The vectors of known words have theirs in them.)
  std::optional<std::vector<float>> find(std::string_view word) const;
};

/// Those of the first `count` words, with all subwords.
WordVectors first_words(const WordVectors& all, std::size_t count);

}  // namespace berta::wordvec
