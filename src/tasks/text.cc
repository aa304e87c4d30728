#include "tasks/text.h"

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/unicode.h"

namespace berta::tasks {
namespace {

/// White_Space and the four information separators.
bool is_python_space(char32_t c) {
  return tokenizer::is_white_space(c) || (c >= 0x1C && c <= 0x1F);
}

/// Where the last code point of a text that is not empty begins.
std::size_t last_code_point(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  return begin;
}

}  // namespace

std::string_view strip(std::string_view text) {
  while (!text.empty()) {
    std::size_t end = 0;
    if (!is_python_space(next_code_point(text, end))) break;
    text.remove_prefix(end);
  }
  while (!text.empty()) {
    const std::size_t begin = last_code_point(text);
    std::size_t position = begin;
    if (!is_python_space(next_code_point(text, position))) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

std::string lower(std::string_view text) {
  if (find_invalid_utf8(text)) return std::string(text);
  std::string out;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = next_code_point(text, position);
    const auto mapped = tokenizer::lower_case(c);
    if (mapped.empty()) append_utf8(out, c);
    for (const std::uint32_t m : mapped) append_utf8(out, static_cast<char32_t>(m));
  }
  return out;
}

std::string format(std::string_view pattern, std::string_view value) {
  std::string out;
  bool found = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest.starts_with("{{") || rest.starts_with("}}")) {
      out += pattern[i++];
    } else if (rest.starts_with("{}") || rest.starts_with("{0}")) {
      if (found && rest[1] == '}') {
        throw UserError("hypothesis '" + std::string(pattern) + "': expected one {}, found more");
      }
      found = true;
      out += value;
      i += rest[1] == '}' ? 1 : 2;
    } else if (pattern[i] == '{' || pattern[i] == '}') {
      throw UserError("hypothesis '" + std::string(pattern) + "': expected {} for the label, found '" +
                      std::string(rest.substr(0, 12)) + "' (braces are written twice)");
    } else {
      out += pattern[i];
    }
  }
  if (!found) throw UserError("hypothesis '" + std::string(pattern) + "': expected {} for the label");
  return out;
}

}  // namespace berta::tasks
