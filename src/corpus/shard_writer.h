#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "corpus/corpus_facts.h"
#include "io/atomic_file.h"
#include "io/crc32c.h"

namespace berta::corpus {

/// A file that is written in small pieces: gathers them, and sums them up.
class SummedFile {
 public:
  explicit SummedFile(const std::string& path) : file_(path) {}
  void write(std::span<const std::byte> bytes);
  /// Gives the file its name; returns its checksum.
  std::uint32_t commit();

 private:
  void flush();

  io::AtomicFile file_;
  std::uint32_t sum_ = 0;
  std::vector<std::byte> buffer_;
};

/// Writes the shards of one split. A shard ends with the document that fills it, so documents lie in one
/// shard; memory does not depend on their length. Shards that were committed are removed again unless keep()
/// is called: what is left unfinished leaves nothing.
class ShardWriter {
 public:
  /// `token_bytes` of an id: 2 or 4.
  ShardWriter(std::string folder, Split split, std::size_t token_bytes, std::uint64_t shard_tokens);
  ~ShardWriter();
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;

  /// Ids of the document that is open. Throws UserError for what can't be written.
  void append(std::span<const std::int32_t> ids);
  /// After one id or more.
  void end_document();
  /// Commits the last shard.
  SplitFacts finish();
  void keep() { kept_ = true; }

 private:
  struct Open {
    Open(const std::string& tokens_path, const std::string& documents_path)
        : tokens(tokens_path), documents(documents_path) {}
    SummedFile tokens;
    SummedFile documents;
  };
  std::string path(const std::string& name, const char* suffix) const;
  void begin_shard();
  void end_shard();

  std::string folder_;
  Split split_;
  std::size_t token_bytes_;
  std::uint64_t shard_tokens_;
  SplitFacts facts_;
  Shard shard_;
  std::optional<Open> open_;
  std::vector<std::byte> encoded_;
  bool kept_ = false;
};

/// True for a name of a shard's file, finished or not: what an interrupted run may have left.
bool is_shard_file(const std::string& name);

}  // namespace berta::corpus
