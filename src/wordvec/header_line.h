#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace berta::wordvec {

/// The first line of word2vec's formats.
struct HeaderLine {
  std::size_t words;
  std::size_t dimension;
};

/// "WORDS DIMENSION" with a dimension of 1 to 2^20, or nothing.
std::optional<HeaderLine> parse_header(std::string_view line);

}  // namespace berta::wordvec
