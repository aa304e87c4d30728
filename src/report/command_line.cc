#include "report/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/utf8.h"

namespace berta::report {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_plain(char c) {
  constexpr std::string_view kPlain = "_-./:=,@%+";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kPlain.find(c) != kPlain.npos;
}

/// $'...': all that a text file can't hold as it is, in octal.
std::string escaped_argument(std::string_view argument, bool utf8) {
  std::string out = "$'";
  for (const char c : argument) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_control(c) || (!utf8 && byte >= 0x80)) {
      // Three digits: one that follows can't be taken for a part of them.
      out += fmt::format("\\{:03o}", byte);
    } else {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "'";
}

std::string quoted_argument(std::string_view argument) {
  if (!argument.empty() && std::all_of(argument.begin(), argument.end(), is_plain)) {
    return std::string(argument);
  }
  const bool utf8 = !find_invalid_utf8(argument);
  if (!utf8 || std::any_of(argument.begin(), argument.end(), is_control)) {
    return escaped_argument(argument, utf8);
  }
  std::string out = "'";
  for (const char c : argument) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string command_line(std::span<const std::string> arguments) {
  std::string line;
  for (const std::string& argument : arguments) {
    if (!line.empty()) line += ' ';
    line += quoted_argument(argument);
  }
  return line;
}

}  // namespace berta::report
