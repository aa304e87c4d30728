#include <charconv>
#include <cmath>

#include "core/error.h"
#include "core/utf8.h"
#include "io/json.h"

namespace berta::io {
namespace {

void append_escaped(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default: {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
}

bool needs_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

template <class T>
void append_number(std::string& out, T value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
  } else {
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    out += text;
    // As Python writes it: a float stays a float for the reader.
    if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (find_invalid_utf8(text)) {
    append_json_string(out, encode_utf8(decode_utf8(text)));
    return;
  }
  out += '"';
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!needs_escape(c)) continue;
    out += text.substr(plain, i - plain);
    append_escaped(out, c);
    plain = i + 1;
  }
  out += text.substr(plain);
  out += '"';
}

void append_json_number(std::string& out, float value) {
  append_number(out, value);
}
void append_json_number(std::string& out, double value) {
  append_number(out, value);
}

void append_json(std::string& out, const Json& json) {
  if (json.is_object()) {
    out += '{';
    for (const auto& [key, value] : json.as_object("")) {
      if (out.back() != '{') out += ',';
      append_json_string(out, key);
      out += ':';
      append_json(out, value);
    }
    out += '}';
  } else if (json.is_array()) {
    out += '[';
    for (const Json& value : json.as_array("")) {
      if (out.back() != '[') out += ',';
      append_json(out, value);
    }
    out += ']';
  } else if (json.is_string()) {
    append_json_string(out, json.as_string(""));
  } else if (json.is_integer()) {
    out += std::to_string(json.as_integer(""));
  } else if (json.is_number()) {
    append_json_number(out, json.as_number(""));
  } else {
    out += json.is_null() ? "null" : json.as_bool("") ? "true" : "false";
  }
}

}  // namespace berta::io
