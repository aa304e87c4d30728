#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/corpus_facts.h"
#include "io/byte_source.h"
#include "io/line_reader.h"

namespace berta::corpus {

/// A line of the input as it was read.
struct SourceLine {
  std::string bytes;
  std::size_t file = 0;    ///< which of the files, from 0
  std::size_t number = 0;  ///< of the line in it, from 1
  bool json = false;       ///< an object with the text, not the text itself
};

/// The lines of text files and of files of JSON objects, plain or gzipped, one file behind another. The
/// format: what was asked for; else by the file's name (.jsonl, .ndjson, .json, .txt, with or without .gz);
/// else JSON if the first byte that is no blank is '{'. Lines of JSON that are blank are left out.
class TextSource {
 public:
  /// Opens each file once. Throws UserError for one that can't be opened, and for no file.
  TextSource(std::vector<std::string> files, TextFormat format);

  /// False behind the last. Throws UserError "FILE: line 7: ...".
  bool next(SourceLine& line);

  /// Part of the files that has been read, 0 to 1; each counts the same.
  double fraction_read() const;
  const std::vector<std::string>& files() const { return files_; }
  /// "FILE: line 7".
  std::string where(const SourceLine& line) const;
  /// Begins again at the first file.
  void rewind();

 private:
  void open_file();
  bool is_json(std::string_view line);

  std::vector<std::string> files_;
  TextFormat format_;
  std::size_t file_ = 0;
  std::shared_ptr<io::ByteSource> bytes_;
  std::optional<io::LineReader> lines_;
  std::optional<bool> json_;  ///< what the open file is, once it is known
};

/// The text of a line: itself, or the member `column` of its object. Throws UserError "WHERE: key 'text':
/// expected a string, found a number".
std::string text_of(const SourceLine& line, const std::string& column, const std::string& where);

/// True for a line of blanks alone.
bool is_blank(std::string_view text);

/// Cuts a text into pieces of at most `limit` bytes for tokenisers, whose memory is many times a text: before
/// a single blank between words, where no word's ids change, and only where there is none, between two
/// characters. Calls each(piece) in order; an empty text has none.
template <class Each>
void for_pieces(std::string_view text, std::size_t limit, const Each& each);

/// Where for_pieces cuts a text longer than `limit`.
std::size_t piece_end(std::string_view text, std::size_t limit);

template <class Each>
void for_pieces(std::string_view text, std::size_t limit, const Each& each) {
  while (!text.empty()) {
    const std::size_t end = text.size() <= limit ? text.size() : piece_end(text, limit);
    each(text.substr(0, end));
    text.remove_prefix(end);
  }
}

}  // namespace berta::corpus
