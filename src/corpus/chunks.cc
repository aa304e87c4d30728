#include "corpus/chunks.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace berta::corpus {
namespace {

constexpr std::uint64_t kStride = 64;  // documents
constexpr std::size_t kSpecials = 2;   // [CLS] and [SEP]

std::size_t most_of(std::size_t max_length) {
  if (max_length <= kSpecials) {
    throw UserError(fmt::format("chunks: expected a length of 3 or more, found {}", max_length));
  }
  return max_length - kSpecials;
}

}  // namespace

Chunks::Chunks(const TokenCorpus& corpus, std::size_t max_length, ChunkStyle style)
    : corpus_(&corpus), most_(most_of(max_length)), style_(style) {
  if (style == ChunkStyle::stream) {
    size_ = corpus.size() / most_ + (corpus.size() % most_ != 0);
    return;
  }
  first_chunk_.reserve(static_cast<std::size_t>(corpus.documents() / kStride + 1));
  for (std::uint64_t i = 0; i < corpus.documents(); ++i) {
    if (i % kStride == 0) first_chunk_.push_back(size_);
    size_ += chunks_of(corpus.document(i).size);
  }
}

TokenRange Chunks::range(std::uint64_t index) const {
  check_internal(index < size_, "a chunk behind the last");
  if (style_ == ChunkStyle::stream) {
    const std::uint64_t begin = index * most_;
    return {.begin = begin, .size = std::min<std::uint64_t>(most_, corpus_->size() - begin)};
  }
  const auto behind = std::upper_bound(first_chunk_.begin(), first_chunk_.end(), index);
  auto document = static_cast<std::uint64_t>(behind - first_chunk_.begin() - 1) * kStride;
  std::uint64_t chunk = index - *(behind - 1);  // counted from that document on
  TokenRange whole = corpus_->document(document);
  while (chunk >= chunks_of(whole.size)) {
    chunk -= chunks_of(whole.size);
    whole = corpus_->document(++document);
  }
  const std::uint64_t begin = chunk * most_;
  return {.begin = whole.begin + begin, .size = std::min<std::uint64_t>(most_, whole.size - begin)};
}

void Chunks::at(std::uint64_t index, std::vector<std::int32_t>& out) const {
  const TokenRange place = range(index);
  out.resize(static_cast<std::size_t>(place.size));
  corpus_->copy(place.begin, out);
}

std::vector<std::int32_t> Chunks::at(std::uint64_t index) const {
  std::vector<std::int32_t> out;
  at(index, out);
  return out;
}

}  // namespace berta::corpus
