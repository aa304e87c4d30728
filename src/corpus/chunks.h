#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "corpus/token_corpus.h"

namespace berta::corpus {

enum class ChunkStyle : std::uint8_t {
  stream,  ///< all documents behind one another, cut at equal lengths: chunks cross documents (Microsoft's)
  documents,  ///< each document is cut by itself; short ones are not joined
};

/// The pieces of a corpus that become samples: of at most max_length - 2 ids, which leaves room for [CLS] and
/// [SEP]. Const; shared by threads; `corpus` must outlive it.
class Chunks {
 public:
  /// For `documents`, goes through all documents once and keeps 8 bytes for each 64 of them. Throws UserError
  /// for max_length below 3 and for a damaged corpus.
  Chunks(const TokenCorpus& corpus, std::size_t max_length, ChunkStyle style);

  std::uint64_t size() const { return size_; }
  /// Ids of the longest chunk.
  std::size_t most_ids() const { return most_; }

  /// Where a chunk lies; O(1) for `stream`, O(log documents) for `documents`. Throws InternalError for an
  /// index outside.
  TokenRange range(std::uint64_t index) const;

  /// The ids of a chunk, without specials. Throws as TokenCorpus::copy.
  void at(std::uint64_t index, std::vector<std::int32_t>& out) const;
  std::vector<std::int32_t> at(std::uint64_t index) const;

 private:
  std::uint64_t chunks_of(std::uint64_t tokens) const { return (tokens + most_ - 1) / most_; }

  const TokenCorpus* corpus_;
  std::size_t most_;
  ChunkStyle style_;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> first_chunk_;  ///< of each 64th document
};

}  // namespace berta::corpus
