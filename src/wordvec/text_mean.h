#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// How many words of a text took part in its mean.
struct TextWords {
  std::size_t known = 0;
  std::size_t unknown = 0;

  TextWords& operator+=(const TextWords& other) {
    known += other.known;
    unknown += other.unknown;
    return *this;
  }
};

/// Writes the mean of the vectors of a text's words, the bytes between blanks, into `mean` [dimension],
/// summed in double. Words without a vector are left out; a text without others gives zeros.
TextWords mean_of_words(const WordVectors& vectors, std::string_view text, std::span<double> mean);

}  // namespace berta::wordvec
