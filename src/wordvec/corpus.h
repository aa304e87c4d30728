#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_source.h"

namespace berta::wordvec {

/// Where the next block of a corpus begins.
struct CorpusPosition {
  std::uint64_t file = 0;
  std::uint64_t offset = 0;  ///< unpacked bytes
  std::uint64_t line = 0;    ///< lines of the file before it

  bool operator==(const CorpusPosition&) const = default;
};

/// Files of words between blanks (space, tab, CR, VT, FF), a sequence of words a line; read in blocks, so
/// that memory does not depend on the size of files or lines. Bytes are never changed or dropped: NUL and
/// invalid UTF-8 are parts of words.
class Corpus {
 public:
  /// Bytes of a block: a twentieth of a second's training, and small beside a cache.
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

  /// Opens each file once. Throws UserError for one that cannot be opened or is a pipe, and for no file.
  explicit Corpus(std::vector<std::string> files, std::size_t block_bytes = kBlockBytes);

  /// Reads the next block into `block`: whole lines with their ends; of a line longer than a block, whole
  /// words. False at the end of the last file. Throws UserError "FILE: line 7: a word of more than N bytes".
  bool next(std::string& block);

  /// Of the block to come.
  const CorpusPosition& position() const { return position_; }
  /// Throws UserError if a file has become shorter.
  void seek(const CorpusPosition& position);

  /// Part of the files that has been read, 0 to 1; each counts the same.
  double fraction_read() const;
  const std::vector<std::string>& files() const { return files_; }

 private:
  /// Where `text`, of which the file has more, can be cut.
  std::size_t cut_of(std::string_view text) const;

  std::vector<std::string> files_;
  std::size_t block_bytes_;
  CorpusPosition position_;
  std::optional<io::ByteSource> source_;
  std::string rest_;  // read, but not given yet
};

/// Calls each(word) for the words of one line and end() behind each line of a block.
template <class Each, class End>
void for_words(std::string_view block, const Each& each, const End& end) {
  constexpr auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  std::size_t at = 0;
  bool open = false;  // a line whose end has not come
  while (at < block.size()) {
    const char c = block[at];
    if (is_blank(c)) {
      open = c != '\n';
      if (c == '\n') end();
      ++at;
      continue;
    }
    std::size_t stop = at + 1;
    while (stop < block.size() && !is_blank(block[stop])) ++stop;
    each(block.substr(at, stop - at));
    at = stop;
    open = true;
  }
  if (open) end();
}

}  // namespace berta::wordvec
