#include "report/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/utf8.h"
#include "io/json.h"

namespace berta::report {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_plain_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
}

/// Words that a reader takes for no string; the language code of Norwegian is one.
bool is_word_of_yaml(std::string_view text) {
  constexpr std::string_view kWords[] = {"true", "false", "yes", "no",  "on", "off",
                                         "null", "y",     "n",   "nan", "inf"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

/// Characters that YAML has only as escapes, or that it takes for ends of lines.
bool needs_escape(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe ||
         c == 0xffff;
}

}  // namespace

std::string yaml_string(std::string_view text) {
  // What begins with a digit may be a number or a date.
  const bool plain = !text.empty() && is_letter(text.front()) && !is_word_of_yaml(text) &&
                     std::all_of(text.begin(), text.end(), is_plain_character);
  if (plain) return std::string(text);
  std::string out = "\"";
  for (const char32_t c : decode_utf8(text)) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (needs_escape(c)) {
      const auto number = static_cast<std::uint32_t>(c);
      out += c < 0x100 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number);
    } else {
      append_utf8(out, c);
    }
  }
  return out + "\"";
}

std::string yaml_number(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
  std::string out;
  io::append_json_number(out, value);
  // YAML 1.1 wants a point in a float, and JSON's 1e-05 has none.
  const std::size_t exponent = out.find('e');
  if (exponent != out.npos && out.find('.') == out.npos) out.insert(exponent, ".0");
  return out;
}

}  // namespace berta::report
