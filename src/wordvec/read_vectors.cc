#include "wordvec/read_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "core/error.h"
#include "core/utf8.h"
#include "io/byte_source.h"
#include "io/mapped_file.h"
#include "io/quote.h"
#include "wordvec/header_line.h"
#include "wordvec/tensor_file.h"

namespace berta::wordvec {
namespace {

bool is_safetensors(std::string_view head) {
  std::uint64_t length = 0;
  if (head.size() < 9) return false;
  std::memcpy(&length, head.data(), sizeof(length));
  return head[8] == '{' && length >= 2 && length <= 100'000'000;
}

/// Bytes that numbers in text do not have: control characters and what is not UTF-8.
bool has_binary_bytes(std::string_view bytes) {
  constexpr auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 32 && c != '\t' && c != '\n' && c != '\r') || byte == 127;
  };
  if (std::any_of(bytes.begin(), bytes.end(), is_control)) return true;
  const auto invalid = find_invalid_utf8(bytes);
  constexpr std::size_t kLongest = 4;  // a character that is cut at the end is none of these
  return invalid && *invalid + kLongest <= bytes.size();
}

/// The header, "word ", and then the bytes of numbers. What is shorter than a first row is text, whose reader
/// says what is wrong.
bool is_binary(std::string_view head) {
  const std::size_t end = head.find('\n');
  const auto header = parse_header(head.substr(0, end));
  if (end == std::string_view::npos || !header) return false;
  const std::string_view row = head.substr(end + 1);
  const std::size_t blank = row.find(' ');
  if (blank == std::string_view::npos) return false;
  return has_binary_bytes(row.substr(blank + 1, 4 * header->dimension));
}

/// A number that is none spoils all that is computed with it.
void check_finite(const std::string& path, const WordTable& words, const Matrix& vectors) {
  for (std::size_t i = 0; i < vectors.rows(); ++i) {
    const auto row = vectors.vector(i);
    if (std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) continue;
    throw UserError(
        fmt::format("{}: {}: expected finite numbers", path,
                    i < words.size() ? "word " + io::quoted(words.word(i)) : fmt::format("row {}", i)));
  }
}

}  // namespace

VectorFormat detect_format(const std::string& path) {
  io::ByteSource::require_regular(path);
  io::ByteSource source(path);
  std::string head(1 << 16, '\0');
  head.resize(source.read(head));
  if (head.empty()) throw UserError(path + ": expected word vectors, found an empty file");
  constexpr std::uint32_t kFastTextModel = 793712314;  // facebookresearch/fastText, src/fasttext.cc
  std::uint32_t magic = 0;
  if (head.size() >= sizeof(magic)) std::memcpy(&magic, head.data(), sizeof(magic));
  if (magic == kFastTextModel) {
    throw UserError(path +
                    ": expected word vectors, found a model of fastText; take the .vec file beside it");
  }
  if (is_safetensors(head)) return VectorFormat::safetensors;
  return is_binary(head) ? VectorFormat::word2vec_binary : VectorFormat::text;
}

WordVectors read_binary_vectors(const std::string& path) {
  const io::MappedFile file(path);
  std::string_view rest = file.text();
  const std::size_t first_end = rest.find('\n');
  const auto header = parse_header(rest.substr(0, first_end));
  if (!header) throw UserError(path + ": line 1: expected \"WORDS DIMENSION\"; is it gzipped?");
  rest.remove_prefix(first_end + 1);
  if (header->words > rest.size() / header->dimension / sizeof(float)) {
    throw UserError(fmt::format("{}: line 1: {} words of dimension {} are more than its {} bytes", path,
                                header->words, header->dimension, file.bytes().size()));
  }
  WordVectors out;
  out.vectors = Matrix(header->words, header->dimension);
  const std::size_t bytes = header->dimension * sizeof(float);
  for (std::size_t i = 0; i < header->words; ++i) {
    if (rest.starts_with('\n')) rest.remove_prefix(1);  // Gensim's older files have none
    const std::size_t blank = rest.find(' ');
    if (blank == std::string_view::npos || rest.size() - blank - 1 < bytes) {
      throw UserError(fmt::format("{}: expected {} words, ends within word {}", path, header->words, i + 1));
    }
    const std::string_view word = rest.substr(0, blank);
    if (blank == 0 || out.words.insert(word) != i) {
      throw UserError(fmt::format("{}: word {}: {} {}", path, i + 1, io::quoted(word),
                                  blank == 0 ? "is empty" : "comes a second time"));
    }
    std::memcpy(out.vectors.row(i), rest.data() + blank + 1, bytes);
    rest.remove_prefix(blank + 1 + bytes);
  }
  if (rest.starts_with('\n')) rest.remove_prefix(1);
  if (!rest.empty()) {
    throw UserError(fmt::format("{}: {} bytes behind the {} words that line 1 announces", path, rest.size(),
                                header->words));
  }
  check_finite(path, out.words, out.vectors);
  return out;
}

WordVectors read_tensor_vectors(const std::string& path) {
  const TensorFile file(path);
  WordVectors out;
  out.words = file.words();
  out.vectors = file.matrix("vectors");
  if (out.words.size() != out.vectors.rows()) {
    file.fail(fmt::format("expected a vector a word, found {} words and {} vectors", out.words.size(),
                          out.vectors.rows()));
  }
  check_finite(path, out.words, out.vectors);
  if (!file.has("buckets")) return out;
  out.buckets = file.matrix("buckets");
  check_finite(path, {}, out.buckets);
  const std::size_t rows = out.buckets.rows();
  if (rows == 0 || rows > 0xFFFFFFFFu || out.buckets.dimension() != out.dimension()) {
    file.fail("tensor \"buckets\": expected rows of the vectors' dimension");
  }
  out.subwords = {.shortest = file.number("subwords_shortest"),
                  .longest = file.number("subwords_longest"),
                  .buckets = static_cast<std::uint32_t>(rows)};
  return out;
}

}  // namespace berta::wordvec
