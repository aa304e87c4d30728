#include "tokenizer/base64.h"

#include <cstdint>

namespace berta::tokenizer {
namespace {

/// Value of a digit; 64 for other characters.
std::uint32_t digit(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  return c == '+' ? 62 : c == '/' ? 63 : 64;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::size_t digits = 4;
    if (i + 4 == text.size()) {
      while (digits > 2 && text[i + digits - 1] == '=') --digits;
    }
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const std::uint32_t value = j < digits ? digit(text[i + j]) : 0;
      if (value > 63) return std::nullopt;
      bits = bits << 6 | value;
    }
    for (std::size_t j = 0; j + 1 < digits; ++j)
      out.push_back(static_cast<char>(bits >> (16 - 8 * j) & 0xFF));
  }
  return out;
}

}  // namespace berta::tokenizer
