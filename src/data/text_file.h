#pragma once

#include <cstdint>
#include <string>

#include "io/line_reader.h"

namespace berta::data {

enum class FileFormat : std::uint8_t {
  automatic,  ///< by the name of the file
  tsv,        ///< cells between tabs, without quoting
  csv,        ///< cells between commas, quoted by RFC 4180
  json,       ///< an object a line, or one array of objects
  conll,      ///< a word a line, its tag in the last column
};

/// `asked`, if that is not automatic; else by the extension (also before ".gz"): .tsv; .csv; .json, .jsonl
/// and .ndjson; .conll, .bio and .iob; `otherwise` for all others.
FileFormat format_of(const std::string& path, FileFormat asked, FileFormat otherwise);

/// The lines of a plain or gzip file; "-" is standard input. Throws UserError "PATH: cannot open: ...".
io::LineReader open_lines(const std::string& path);

/// Throws UserError "FILE: line 7: expected UTF-8, found an invalid byte at 13" (from 1).
void require_utf8(std::string_view line, const io::LineReader& lines);

/// Only blanks and tabs.
bool is_blank_line(std::string_view line);

/// A finite decimal number and nothing else. Throws UserError "WHERE: expected a number, found \"x\"".
double parse_number(std::string_view text, const std::string& where);

}  // namespace berta::data
