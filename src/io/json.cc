#include "io/json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "io/mapped_file.h"
#include "io/quote.h"

namespace berta::io {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr const char* kRest = "something after the end of the value";

/// A reason and the byte where it holds, before the file's name and the line are known.
struct SyntaxError {
  std::string reason;
  std::size_t offset;
};

std::string position_text(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return "line " + std::to_string(line) + ", byte " + std::to_string(before.size());
}

[[noreturn]] void fail(std::string_view name, std::string_view text, const SyntaxError& error) {
  throw UserError(std::string(name) + ": invalid JSON at " + position_text(text, error.offset) + ": " +
                  error.reason);
}

std::string_view trim_end(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  return end == std::string_view::npos ? std::string_view{} : text.substr(0, end + 1);
}

/// Where simdjson's first stage, which says no place, found a control character in a string or no end of one.
SyntaxError locate_string_error(std::string_view text) {
  std::optional<std::size_t> start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!start) {
      if (c == '"') start = i;
    } else if (c == '\\') {
      ++i;
    } else if (c == '"') {
      start.reset();
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return {"a control character inside a string", i};
    }
  }
  if (start) return {"a string without an end", *start};
  return {"unexpected end of the text", text.size()};
}

/// The code unit of \uXXXX at `position`, which is the backslash; nothing if it isn't one.
std::optional<unsigned> code_unit(std::string_view text, std::size_t position) {
  if (text.substr(position, 2) != "\\u" || position + 6 > text.size()) return std::nullopt;
  unsigned unit = 0;
  const char* end = text.data() + position + 6;
  const auto [rest, error] = std::from_chars(text.data() + position + 2, end, unit, 16);
  if (error != std::errc() || rest != end) return std::nullopt;
  return unit;
}

/// simdjson 3.0 takes halves of surrogate pairs for characters, so they are looked for here. Backslashes
/// occur in strings alone; elsewhere they are a syntax error that simdjson reports.
void refuse_lone_surrogates(std::string_view text) {
  for (std::size_t i = text.find('\\'); i < text.size(); i = text.find('\\', i)) {
    const unsigned unit = code_unit(text, i).value_or(0);
    if (unit >= 0xD800 && unit < 0xE000) {
      const unsigned next = code_unit(text, i + 6).value_or(0);
      if (unit >= 0xDC00 || next < 0xDC00 || next >= 0xE000) {
        throw SyntaxError{"half of a surrogate pair", i};
      }
      i += 12;
    } else {
      i += 2;
    }
  }
}

std::string reason_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::STRING_ERROR:
      return "a wrong escape in a string";
    case simdjson::NUMBER_ERROR:
      return "not a number that a double can hold";
    case simdjson::EMPTY:
      return "an empty text";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "an array or object without an end";
    default:
      return "a syntax error";
  }
}

/// Walks the whole document once, which also validates all of it. Recursion is bounded by limits.max_depth.
class Builder {
 public:
  Builder(std::string_view text, const JsonLimits& limits, ondemand::document& document)
      : text_(text), limits_(limits), document_(document) {}

  /// Throws SyntaxError, also for what simdjson reports.
  Json build() {
    try {
      const auto first = text_.find_first_not_of(" \t\r\n");
      if (first == text_.npos || (text_[first] != '[' && text_[first] != '{')) return scalar_document();
      Json result = container(document_.get_value().value(), 1);
      refuse_rest();
      return result;
    } catch (const simdjson::simdjson_error& error) {
      throw SyntaxError{reason_of(error.error()), place()};
    }
  }

 private:
  std::size_t place() {
    const char* location = nullptr;
    if (document_.current_location().get(location) != simdjson::SUCCESS) return last_;
    return std::min(static_cast<std::size_t>(location - text_.data()), text_.size());
  }

  Json scalar_document() {
    const std::size_t size = token_of(document_).size();
    const std::size_t end = last_ + size;
    if (end < trim_end(text_).size()) throw SyntaxError{kRest, end};
    return scalar(document_);
  }

  void refuse_rest() {
    // OUT_OF_BOUNDS is how this version of simdjson says that all has been read.
    if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) throw SyntaxError{kRest, place()};
  }

  /// The text of a value up to its end, blanks after it dropped; where a value is missing at the end of the
  /// text, simdjson has an empty one. Notes the place.
  template <class Item>
  std::string_view token_of(Item& item) {
    const std::string_view raw = item.raw_json_token();
    last_ = std::min(static_cast<std::size_t>(raw.data() - text_.data()), text_.size());
    const std::string_view token = trim_end(text_.substr(last_, raw.size()));
    if (token.empty()) throw SyntaxError{"unexpected end", last_};
    return token;
  }

  Json value(ondemand::value item, std::size_t depth) {
    const std::string_view token = token_of(item);
    if (token.front() == '[' || token.front() == '{') return container(item, depth);
    return scalar(item);
  }

  Json container(ondemand::value item, std::size_t depth) {
    if (depth > limits_.max_depth) {
      throw SyntaxError{"nested deeper than " + std::to_string(limits_.max_depth) + " levels", place()};
    }
    if (item.type().value() == ondemand::json_type::array) return array(item, depth);
    return object(item, depth);
  }

  Json array(ondemand::value item, std::size_t depth) {
    Json::Array result;
    result.reserve(2);
    for (auto element : item.get_array()) result.push_back(value(element.value(), depth + 1));
    return Json(std::move(result));
  }

  Json object(ondemand::value item, std::size_t depth) {
    Json::Object result;
    const std::size_t start = place();
    for (auto field : item.get_object()) {
      const std::string_view key = field.unescaped_key();
      result.emplace_back(key, Json());
      result.back().second = value(field.value(), depth + 1);
    }
    refuse_duplicates(result, start);
    return Json(std::move(result));
  }

  static void refuse_duplicates(const Json::Object& members, std::size_t start) {
    constexpr std::size_t kFew = 8;  // below it comparing all pairs beats sorting
    std::vector<std::string_view> keys;
    if (members.size() > kFew) {
      keys.reserve(members.size());
      for (const auto& [key, unused] : members) keys.push_back(key);
      std::sort(keys.begin(), keys.end());
      const auto twice = std::adjacent_find(keys.begin(), keys.end());
      if (twice != keys.end()) throw SyntaxError{twice_text(*twice), start};
      return;
    }
    for (std::size_t i = 1; i < members.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (members[i].first == members[j].first) throw SyntaxError{twice_text(members[i].first), start};
      }
    }
  }

  static std::string twice_text(std::string_view key) {
    return "key " + quoted(key) + " twice in one object";
  }

  template <class Item>
  Json scalar(Item&& item) {
    const std::string_view token = token_of(item);
    switch (token.front()) {
      case '"':
        return Json(std::string(std::string_view(item.get_string())));
      case 't':
      case 'f':
        return Json(bool(item.get_bool()));
      case 'n':
        if (!item.is_null()) throw SyntaxError{"expected null", last_};
        return Json();
      default:
        return number(item, token);
    }
  }

  template <class Item>
  Json number(Item&& item, std::string_view token) {
    std::int64_t integer = 0;
    const bool minus_zero = token == "-0";  // no integer can hold it
    if (!minus_zero && item.get_int64().get(integer) == simdjson::SUCCESS) return Json(integer);
    double real = 0;
    if (item.get_double().get(real) == simdjson::SUCCESS) return Json(real);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (limits_.allow_nan) {
      if (token == "NaN") return Json(std::numeric_limits<double>::quiet_NaN());
      if (token == "Infinity") return Json(kInfinity);
      if (token == "-Infinity") return Json(-kInfinity);
    }
    if (last_ + token.size() == trim_end(text_).size())
      throw SyntaxError{"unexpected end", last_ + token.size()};
    const bool numeric = token.front() == '-' || (token.front() >= '0' && token.front() <= '9');
    throw SyntaxError{numeric ? reason_of(simdjson::NUMBER_ERROR) : "expected a value", last_};
  }

  std::string_view text_;
  const JsonLimits& limits_;
  ondemand::document& document_;
  std::size_t last_ = 0;
};

Json parse(std::string_view text, const JsonLimits& limits) {
  refuse_lone_surrogates(text);
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  switch (const auto error = parser.iterate(padded).get(document); error) {
    case simdjson::SUCCESS:
      break;
    case simdjson::UNCLOSED_STRING:
    case simdjson::UNESCAPED_CHARS:
      throw locate_string_error(text);
    default:
      throw SyntaxError{reason_of(error), text.size()};
  }
  return Builder({padded.data(), padded.size()}, limits, document).build();
}

}  // namespace

Json parse_json(std::string_view text, std::string_view name, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    throw UserError(std::string(name) + ": " + std::to_string(text.size()) +
                    " bytes of JSON, expected at most " + std::to_string(limits.max_bytes));
  }
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    fail(name, text, {"invalid UTF-8", find_invalid_utf8(text).value_or(0)});
  }
  try {
    return parse(text, limits);
  } catch (const SyntaxError& error) {
    fail(name, text, error);
  }
}

Json read_json(const std::string& path, const JsonLimits& limits) {
  const MappedFile file(path);
  return parse_json(file.text(), path, limits);
}

}  // namespace berta::io
