#pragma once

#include <cstdint>
#include <string>

#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// How vectors lie in a file.
enum class VectorFormat : std::uint8_t {
  text,  ///< "WORDS DIMENSION", then a line "word v1 v2 ..." each: word2vec, Gensim, fastText's .vec
  text_no_header,   ///< the same without the first line: koan, GloVe
  word2vec_binary,  ///< the first line in text, then "word ", little-endian f32 and a line end each
  safetensors,      ///< tensors vectors, words, word_ends, and buckets with subwords
};

/// By the end of the name: .bin, .safetensors, else text.
VectorFormat format_of(const std::string& path);

/// Reads any of the formats, found by the content; text may be gzipped. Throws UserError that names file and
/// line (or word, in binary forms): counts, dimensions or numbers that are wrong, a word twice.
WordVectors read_vectors(const std::string& path);

/// The file appears whole or not at all. Text has the shortest digits that give the same f32 again. Text and
/// binary leave the subwords out. Throws UserError.
void write_vectors(const std::string& path, const WordVectors& vectors, VectorFormat format);

}  // namespace berta::wordvec
