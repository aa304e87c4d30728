#include "report/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

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

std::string quoted_argument(std::string_view argument) {
  if (!argument.empty() && std::all_of(argument.begin(), argument.end(), is_plain)) {
    return std::string(argument);
  }
  const bool control = std::any_of(argument.begin(), argument.end(), is_control);
  std::string out = control ? "$'" : "'";
  for (const char c : argument) {
    if (!control) {
      out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    } else if (is_control(c)) {
      // Three octal digits: a digit that follows can't be taken for a part of them.
      out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    } else {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
  }
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
