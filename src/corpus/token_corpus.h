#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "corpus/corpus_facts.h"
#include "io/mapped_file.h"
#include "tokenizer/tokenizer.h"

namespace berta::corpus {

/// Where a document lies among the tokens of its split.
struct TokenRange {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;

  bool operator==(const TokenRange&) const = default;
};

/// One split of a prepared corpus: a stream of ids, mapped, not read. Const; shared by threads.
class TokenCorpus {
 public:
  /// Reads corpus.json and maps the shards; their sizes must be those that it says. Throws UserError
  /// "FOLDER/train-00000.tokens: expected 8192 bytes, found 8190".
  explicit TokenCorpus(const std::string& folder, Split split = Split::train);

  const CorpusFacts& facts() const { return facts_; }
  Split split() const { return split_; }
  /// Tokens in all.
  std::uint64_t size() const { return size_; }
  std::uint64_t documents() const { return documents_; }

  /// Copies tokens [begin, begin + out.size()). Throws UserError for ids outside the vocabulary (a damaged
  /// file), InternalError for a range outside the corpus.
  void copy(std::uint64_t begin, std::span<std::int32_t> out) const;

  /// O(log shards). Throws UserError for a damaged file, InternalError for an index outside.
  TokenRange document(std::uint64_t index) const;

  /// Throws UserError unless this is the tokenizer that the corpus was made with.
  void require_tokenizer(const tokenizer::Tokenizer& tokenizer) const;

  /// Reads everything: checksums, ids, ends of documents. `go_on(fraction)` may be empty; false ends it
  /// early. Throws UserError that names the file.
  void verify(const std::function<bool(double)>& go_on = {}) const;

 private:
  struct Part {
    const Shard* shard;
    io::MappedFile tokens;
    io::MappedFile documents;
    std::uint64_t first_token;
    std::uint64_t first_document;

    std::uint64_t end_of(std::uint64_t document) const;
  };
  void copy_within(const Part& part, std::uint64_t begin, std::span<std::int32_t> out) const;
  void verify_documents(const Part& part) const;
  const Part& part_of(std::uint64_t index, std::uint64_t Part::*first) const;

  std::string folder_;
  Split split_;
  CorpusFacts facts_;
  std::vector<Part> parts_;
  std::uint64_t size_ = 0;
  std::uint64_t documents_ = 0;
};

}  // namespace berta::corpus
