#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berta::tokenizer {

/// Bytes of a base64 text (RFC 4648, padded, no line ends); nothing if it is none.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace berta::tokenizer
