#include "corpus/shard_writer.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "core/error.h"
#include "io/folder.h"

namespace berta::corpus {

void SummedFile::write(std::span<const std::byte> bytes) {
  constexpr std::size_t kBuffer = std::size_t{1} << 20;
  sum_ = io::crc32c(bytes, sum_);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  if (buffer_.size() >= kBuffer) flush();
}

void SummedFile::flush() {
  file_.write(buffer_);
  buffer_.clear();
}

std::uint32_t SummedFile::commit() {
  flush();
  file_.commit();
  return sum_;
}

ShardWriter::ShardWriter(std::string folder, Split split, std::size_t token_bytes, std::uint64_t shard_tokens)
    : folder_(std::move(folder)), split_(split), token_bytes_(token_bytes), shard_tokens_(shard_tokens) {
  check_internal(token_bytes == 2 || token_bytes == 4, "ids of 2 or 4 bytes");
}

ShardWriter::~ShardWriter() {
  if (kept_) return;
  if (open_) facts_.shards.push_back(shard_);  // one of its files may have its name already
  for (const Shard& shard : facts_.shards) {
    for (const char* suffix : {kTokensSuffix, kDocumentsSuffix}) {
      std::error_code ignored;  // nothing more can be done about it
      std::filesystem::remove(path(shard.name, suffix), ignored);
    }
  }
}

std::string ShardWriter::path(const std::string& name, const char* suffix) const {
  return io::join(folder_, name + suffix);
}

void ShardWriter::append(std::span<const std::int32_t> ids) {
  if (ids.empty()) return;
  if (!open_) begin_shard();
  static_assert(std::endian::native == std::endian::little);
  encoded_.resize(ids.size() * token_bytes_);
  if (token_bytes_ == 4) {
    std::memcpy(encoded_.data(), ids.data(), encoded_.size());
  } else {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto narrow = static_cast<std::uint16_t>(ids[i]);
      std::memcpy(encoded_.data() + 2 * i, &narrow, sizeof narrow);
    }
  }
  open_->tokens.write(encoded_);
  shard_.tokens += ids.size();
}

void ShardWriter::end_document() {
  check_internal(open_.has_value(), "a document without tokens");
  ++shard_.documents;
  open_->documents.write(std::as_bytes(std::span(&shard_.tokens, 1)));
  if (shard_.tokens >= shard_tokens_) end_shard();
}

void ShardWriter::begin_shard() {
  shard_ = {.name = fmt::format("{}-{:05}", name_of(split_), facts_.shards.size())};
  open_.emplace(path(shard_.name, kTokensSuffix), path(shard_.name, kDocumentsSuffix));
}

void ShardWriter::end_shard() {
  shard_.tokens_crc32c = open_->tokens.commit();
  shard_.documents_crc32c = open_->documents.commit();
  open_.reset();
  facts_.shards.push_back(shard_);
}

SplitFacts ShardWriter::finish() {
  if (open_) end_shard();
  return facts_;
}

bool is_shard_file(const std::string& name) {
  std::string_view rest = name;
  const bool temporary = rest.starts_with('.') && rest.ends_with(".tmp");
  if (temporary) rest.remove_prefix(1);
  for (const Split split : kSplits) {
    const std::string prefix = std::string(name_of(split)) + "-";
    if (!rest.starts_with(prefix)) continue;
    rest.remove_prefix(prefix.size());
    const std::size_t digits = rest.find_first_not_of("0123456789");
    if (digits == rest.npos || digits < 5) return false;
    rest.remove_prefix(digits);
    for (const std::string_view suffix : {kTokensSuffix, kDocumentsSuffix}) {
      if (temporary ? rest.starts_with(suffix) : rest == suffix) return true;
    }
    return false;
  }
  return temporary && rest.starts_with(kCorpusFile);
}

}  // namespace berta::corpus
