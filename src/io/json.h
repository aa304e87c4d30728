#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace berta::io {

/// A parsed JSON value. Objects keep the order of the file and may hold no key twice.
/// `where()` of the accessors' errors: "FILE: key 'a.b[3]'" as far as the reader gave it.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object>;

  Json() = default;
  explicit Json(Value value) : value_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  /// The value as that type. `what` names it in the error, e.g. "config.json: key 'hidden_size'".
  /// Throws UserError "WHAT: expected an integer, found a string".
  bool as_bool(std::string_view what) const;
  std::int64_t as_integer(std::string_view what) const;  ///< also a double without fraction in int64's range
  double as_number(std::string_view what) const;
  const std::string& as_string(std::string_view what) const;
  const Array& as_array(std::string_view what) const;
  const Object& as_object(std::string_view what) const;

  /// Member of an object; nullptr where there is none or this is no object.
  const Json* find(std::string_view key) const;

  const Value& value() const { return value_; }

  /// Moves the value out and leaves null, so that a large tree can be taken apart without a copy.
  Value release() { return std::exchange(value_, nullptr); }

 private:
  Value value_ = nullptr;
};

/// Limits for hostile input.
struct JsonLimits {
  std::size_t max_depth = 64;        ///< nested arrays and objects
  std::size_t max_bytes = 1u << 30;  ///< of the text
  bool allow_nan = true;             ///< NaN, Infinity and -Infinity, which Python's json writes
};

/// Parses one JSON text (UTF-8, RFC 8259, nothing after it but blanks). Integers beyond int64 become doubles;
/// a number beyond double is refused. `name` is the file (or "line 3 of FILE") that errors begin with.
/// Throws UserError "NAME: invalid JSON at line 3, byte 41: REASON": syntax, depth, size, invalid UTF-8, a
/// lone surrogate, a key twice.
Json parse_json(std::string_view text, std::string_view name, const JsonLimits& limits = {});

/// Reads and parses a whole file. Throws UserError as parse_json, and for files that can't be read.
Json read_json(const std::string& path, const JsonLimits& limits = {});

/// Appends `text` as a JSON string with quotes; non-ASCII stays UTF-8 (of invalid UTF-8 each byte becomes
/// U+FFFD, so that the output is always JSON).
void append_json_string(std::string& out, std::string_view text);

/// Appends the shortest decimal that reads back to the same float or double; NaN and infinities as Python's
/// json does: NaN, Infinity, -Infinity.
void append_json_number(std::string& out, float value);
void append_json_number(std::string& out, double value);

/// Appends a whole value. Recursive, so for values that a parser with a limit of depth made.
void append_json(std::string& out, const Json& json);

}  // namespace berta::io
