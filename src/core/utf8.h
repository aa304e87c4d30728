#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berta {

/// Byte offset of the first byte that is not part of valid UTF-8 (RFC 3629: no surrogates, no overlong forms,
/// nothing above U+10FFFF); nothing if all is valid.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// Decodes valid UTF-8 (check with find_invalid_utf8 first); invalid bytes decode to U+FFFD, one a byte.
std::u32string decode_utf8(std::string_view text);

/// Appends one code point. Surrogates and values above U+10FFFF are appended as U+FFFD.
void append_utf8(std::string& out, char32_t code_point);
std::string encode_utf8(std::u32string_view text);

/// Reads one code point at `position` and moves past it; U+FFFD for an invalid byte (moves by one).
char32_t next_code_point(std::string_view text, std::size_t& position);

}  // namespace berta
