#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"

namespace berta::cli {

/// One input: a JSON object, a line of text (then its only member has the name of the main field), a row of a
/// table (its members are the columns), or an argument.
struct Record {
  io::Json json;           ///< an object
  std::string where;       ///< "FILE: line 3" or "argument 2", for errors
  std::size_t number = 0;  ///< of the line or argument, from 1
  std::size_t bytes = 0;   ///< read for it, for progress

  // Members by name. Throw UserError "WHERE: key 'text': expected a string, found a number".
  const std::string& text(std::string_view key) const;
  std::optional<std::string> find_text(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;
  std::vector<std::int32_t> integers(std::string_view key) const;
  bool has(std::string_view key) const;

  /// The member "id", a string or an integer, as JSON; empty where there is none.
  std::string id_json() const;
  /// The same as plain text.
  std::string id_text() const;
};

/// {KEY: text} of line or argument NUMBER.
Record make_text_record(std::string_view key, std::string_view text, std::string where, std::size_t number);

/// {KEY: text} of each of a command's operands.
std::vector<Record> make_argument_records(std::string_view key, const std::vector<std::string>& texts);

/// An estimate of the tokens that a record becomes, before anything is tokenised: four bytes a token, and one
/// for each number.
std::size_t estimate_tokens(const io::Json& json);

/// The integers of `json`, an array; `what` names it in errors. Throws UserError.
std::vector<std::int32_t> read_integers(const io::Json& json, const std::string& what);

}  // namespace berta::cli
