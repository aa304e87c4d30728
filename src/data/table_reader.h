#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "data/text_file.h"
#include "io/line_reader.h"

namespace berta::data {

using Cells = std::vector<std::string>;

/// The rows of a TSV or CSV file. Blank lines between rows are left out. Cells are UTF-8.
///
/// CSV by RFC 4180: a cell that begins with a double quote ends with the next one; two are one within it, and
/// commas and ends of lines (read as LF) belong to it. Any other double quote is an error.
class TableReader {
 public:
  /// `format` is tsv or csv.
  TableReader(io::LineReader lines, FileFormat format) : lines_(std::move(lines)), format_(format) {}

  /// Moves to the next row; false after the last. After an error a further call goes on with the next line.
  /// Throws UserError "FILE: line 7: ...": invalid UTF-8, a line or row longer than 64 MiB, a wrong quote.
  bool next(Cells& cells);

  /// "FILE: line 7", where the row begins.
  std::string where() const;
  const std::string& name() const { return lines_.name(); }

 private:
  void split_quoted(std::string_view line, Cells& cells);
  std::string take_quoted(std::string& line, std::size_t& position);
  void take_next_line(std::string& line);

  io::LineReader lines_;
  FileFormat format_;
  std::size_t row_line_ = 0;
};

}  // namespace berta::data
