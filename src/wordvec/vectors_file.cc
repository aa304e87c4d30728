#include "wordvec/vectors_file.h"

#include <fmt/format.h>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/quote.h"
#include "wordvec/read_vectors.h"
#include "wordvec/tensor_file.h"

namespace berta::wordvec {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

/// Words that would come back as others. (Text is read from the right, so blanks within a word are no harm
/// there.)
void check_words(const std::string& path, const WordVectors& vectors, VectorFormat format) {
  const bool binary = format == VectorFormat::word2vec_binary;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const std::string_view word = vectors.words.word(i);
    const bool blank_end = word.empty() || word.back() == ' ' || word.back() == '\t' || word.back() == '\r';
    if (word.find('\n') != std::string_view::npos || blank_end ||
        (binary && word.find(' ') != std::string_view::npos)) {
      throw UserError(fmt::format("{}: word {} cannot be written in this format; take safetensors", path,
                                  io::quoted(word)));
    }
  }
}

void write_lines(const std::string& path, const WordVectors& vectors, VectorFormat format) {
  check_words(path, vectors, format);
  io::AtomicFile file(path);
  std::string text;
  if (format != VectorFormat::text_no_header) {
    text = fmt::format("{} {}\n", vectors.size(), vectors.dimension());
  }
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    text += vectors.words.word(i);
    const auto vector = vectors.vectors.vector(i);
    if (format == VectorFormat::word2vec_binary) {
      text += ' ';
      text.append(reinterpret_cast<const char*>(vector.data()), vector.size_bytes());
    } else {
      for (const float value : vector) fmt::format_to(std::back_inserter(text), " {}", value);
    }
    text += '\n';
    if (text.size() < kPiece) continue;
    file.write(text);
    text.clear();
  }
  file.write(text);
  file.commit();
}

void write_tensor_form(const std::string& path, const WordVectors& vectors) {
  std::vector<StoredTensor> tensors = word_tensors(vectors.words);
  tensors.push_back(matrix_tensor("vectors", vectors.vectors));
  io::Metadata metadata = {{"format", "berta word vectors"}};
  if (vectors.subwords.any()) {
    tensors.push_back(matrix_tensor("buckets", vectors.buckets));
    metadata.emplace_back("subwords_shortest", fmt::to_string(vectors.subwords.shortest));
    metadata.emplace_back("subwords_longest", fmt::to_string(vectors.subwords.longest));
  }
  write_tensors(path, tensors, metadata);
}

}  // namespace

VectorFormat format_of(const std::string& path) {
  if (path.ends_with(".bin")) return VectorFormat::word2vec_binary;
  if (path.ends_with(".safetensors")) return VectorFormat::safetensors;
  return VectorFormat::text;
}

WordVectors read_vectors(const std::string& path) {
  switch (detect_format(path)) {
    case VectorFormat::safetensors:
      return read_tensor_vectors(path);
    case VectorFormat::word2vec_binary:
      return read_binary_vectors(path);
    case VectorFormat::text:
    case VectorFormat::text_no_header:
      break;
  }
  return read_text_vectors(path);
}

void write_vectors(const std::string& path, const WordVectors& vectors, VectorFormat format) {
  if (format == VectorFormat::safetensors) return write_tensor_form(path, vectors);
  write_lines(path, vectors, format);
}

}  // namespace berta::wordvec
