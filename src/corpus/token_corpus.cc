#include "corpus/token_corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "corpus/fingerprint.h"
#include "io/byte_reader.h"
#include "io/crc32c.h"
#include "io/folder.h"

namespace berta::corpus {
namespace {

/// Bytes looked at between two looks at the clock, and given back behind.
constexpr std::size_t kPiece = std::size_t{4} << 20;

io::MappedFile map_exactly(const std::string& path, std::uint64_t bytes) {
  io::MappedFile file(path);
  if (file.bytes().size() != bytes) {
    throw UserError(fmt::format("{}: expected {} bytes, found {}", path, bytes, file.bytes().size()));
  }
  return file;
}

/// Ids of `Word` bytes; the largest of them, as an unsigned number.
template <class Word>
std::uint32_t widen(std::span<const std::byte> bytes, std::span<std::int32_t> out) {
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Word word;
    std::memcpy(&word, bytes.data() + i * sizeof(Word), sizeof(Word));
    largest = std::max<std::uint32_t>(largest, word);
    out[i] = static_cast<std::int32_t>(word);
  }
  return largest;
}

}  // namespace

TokenCorpus::TokenCorpus(const std::string& folder, Split split)
    : folder_(folder), split_(split), facts_(read_corpus_facts(folder)) {
  // Counts were checked to be far from overflow.
  for (const Shard& shard : facts_.split(split).shards) {
    const std::string path = io::join(folder, shard.name);
    parts_.push_back({.shard = &shard,
                      .tokens = map_exactly(path + kTokensSuffix, shard.tokens * facts_.token_bytes()),
                      .documents = map_exactly(path + kDocumentsSuffix, shard.documents * kDocumentBytes),
                      .first_token = size_,
                      .first_document = documents_});
    size_ += shard.tokens;
    documents_ += shard.documents;
  }
}

/// Tokens of the shard up to the end of its document of that number.
std::uint64_t TokenCorpus::Part::end_of(std::uint64_t document) const {
  const auto end = io::read_number<std::uint64_t>(documents.bytes(), document * kDocumentBytes);
  check_internal(end.has_value(), "a document behind the last of its shard");
  return *end;
}

const TokenCorpus::Part& TokenCorpus::part_of(std::uint64_t index, std::uint64_t Part::*first) const {
  const auto behind =
      std::upper_bound(parts_.begin(), parts_.end(), index,
                       [first](std::uint64_t i, const Part& part) { return i < part.*first; });
  return *(behind - 1);
}

void TokenCorpus::copy_within(const Part& part, std::uint64_t begin, std::span<std::int32_t> out) const {
  const std::size_t width = facts_.token_bytes();
  const auto bytes = io::read_bytes(part.tokens.bytes(), begin * width, out.size() * width);
  check_internal(bytes.has_value(), "tokens behind the last of their shard");
  const std::uint32_t largest =
      width == 2 ? widen<std::uint16_t>(*bytes, out) : widen<std::uint32_t>(*bytes, out);
  if (!out.empty() && largest >= facts_.vocabulary_size) {
    throw UserError(fmt::format("{}: expected ids below {}, found {}", part.tokens.path(),
                                facts_.vocabulary_size, largest));
  }
}

void TokenCorpus::copy(std::uint64_t begin, std::span<std::int32_t> out) const {
  check_internal(begin <= size_ && out.size() <= size_ - begin, "tokens behind the last of the corpus");
  while (!out.empty()) {
    const Part& part = part_of(begin, &Part::first_token);
    const std::uint64_t within = begin - part.first_token;
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), part.shard->tokens - within));
    copy_within(part, within, out.first(count));
    out = out.subspan(count);
    begin += count;
  }
}

TokenRange TokenCorpus::document(std::uint64_t index) const {
  check_internal(index < documents_, "a document behind the last of the corpus");
  const Part& part = part_of(index, &Part::first_document);
  const std::uint64_t within = index - part.first_document;
  const std::uint64_t begin = within == 0 ? 0 : part.end_of(within - 1);
  const std::uint64_t end = part.end_of(within);
  if (begin >= end || end > part.shard->tokens) {
    throw UserError(fmt::format("{}: document {}: expected an end of {} to {}, found {}",
                                part.documents.path(), within, begin + 1, part.shard->tokens, end));
  }
  return {.begin = part.first_token + begin, .size = end - begin};
}

void TokenCorpus::require_tokenizer(const tokenizer::Tokenizer& tokenizer) const {
  const std::string found = fingerprint(tokenizer);
  if (found == facts_.tokenizer_fingerprint) return;
  throw UserError(fmt::format("{}: made with another tokenizer: {}, fingerprint {}; found {}, fingerprint {}",
                              folder_, facts_.tokenizer, facts_.tokenizer_fingerprint,
                              tokenizer.description(), found));
}

void TokenCorpus::verify_documents(const Part& part) const {
  if (io::crc32c(part.documents.bytes()) != part.shard->documents_crc32c) {
    throw UserError(part.documents.path() + ": damaged: its checksum is not that of corpus.json");
  }
  std::uint64_t expected = part.first_token;
  for (std::uint64_t i = 0; i < part.shard->documents; ++i) {
    expected += document(part.first_document + i).size;
  }
  if (expected != part.first_token + part.shard->tokens) {
    throw UserError(fmt::format("{}: expected a last end of {}, found {}", part.documents.path(),
                                part.shard->tokens, expected - part.first_token));
  }
  part.documents.release(part.documents.bytes());
}

void TokenCorpus::verify(const std::function<bool(double)>& go_on) const {
  const std::size_t width = facts_.token_bytes();
  std::vector<std::int32_t> ids;
  for (const Part& part : parts_) {
    verify_documents(part);
    std::uint32_t sum = 0;
    const std::span<const std::byte> bytes = part.tokens.bytes();
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
      const auto piece = bytes.subspan(at, std::min(kPiece, bytes.size() - at));
      const std::uint64_t done = part.first_token + at / width;
      if (go_on && !go_on(static_cast<double>(done) / static_cast<double>(size_))) return;
      sum = io::crc32c(piece, sum);
      ids.resize(piece.size() / width);
      copy_within(part, at / width, ids);
      part.tokens.release(piece);
    }
    if (sum != part.shard->tokens_crc32c) {
      throw UserError(part.tokens.path() + ": damaged: its checksum is not that of corpus.json");
    }
  }
}

}  // namespace berta::corpus
