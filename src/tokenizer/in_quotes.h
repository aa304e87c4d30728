#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "io/json.h"

namespace berta::tokenizer {

/// A token's name for a message: in quotes, control characters escaped, cut if long.
inline std::string in_quotes(std::string_view name) {
  constexpr std::size_t kLongest = 48;
  std::size_t end = name.size();
  if (end > kLongest) {
    end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  }
  std::string out;
  io::append_json_string(out, name.substr(0, end));
  if (end < name.size()) out += "...";
  return out;
}

}  // namespace berta::tokenizer
