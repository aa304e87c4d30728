#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "io/line_reader.h"

namespace berta::data {

/// Parses a whole plain or gzip file. Throws UserError as io::parse_json does, and for files that can't be
/// read.
io::Json read_json_file(const std::string& path);

/// Parses what is left of `lines` after `first`, its current line, as one JSON text. Errors name its lines.
/// Throws UserError as io::parse_json does.
io::Json parse_rest(io::LineReader& lines, std::string_view first);

/// The objects of a file of JSON lines, or of one JSON array (then the file is parsed at once).
class JsonRecords {
 public:
  explicit JsonRecords(io::LineReader lines) : lines_(std::move(lines)) {}

  /// Moves to the next object; false after the last. Blank lines are left out.
  /// Throws UserError "FILE: line 7: ..." (of an array: "FILE: record 7: ...") for anything but an object.
  bool next(io::Json& record);

  /// "FILE: line 7" or "FILE: record 7", from 1.
  std::string where() const;
  const std::string& name() const { return lines_.name(); }

 private:
  io::LineReader lines_;
  std::optional<io::Json::Array> array_;
  std::size_t taken_ = 0;  ///< of the array
};

/// The first of these keys that the object has, or nullptr; `null` counts as absent. `found` becomes the key.
const io::Json* find_any(const io::Json& object, std::initializer_list<std::string_view> keys,
                         std::string_view& found);

/// The text at the first of these keys. Throws UserError "WHERE: expected a key 'a' or 'b', found 'x', 'y'"
/// and "WHERE: key 'a': expected a string, found ...".
std::string text_at(const io::Json& object, std::initializer_list<std::string_view> keys,
                    const std::string& where);
/// The same, and nothing where there is no such key.
std::optional<std::string> optional_text_at(const io::Json& object,
                                            std::initializer_list<std::string_view> keys,
                                            const std::string& where);
/// An array of texts.
std::vector<std::string> texts_of(const io::Json& array, const std::string& what);

/// "WHERE: expected a key 'a' or 'b', found 'x', 'y'".
[[noreturn]] void fail_key(const io::Json& object, std::initializer_list<std::string_view> keys,
                           const std::string& where);

/// "WHERE: key 'a'".
std::string key_of(const std::string& where, std::string_view key);

}  // namespace berta::data
