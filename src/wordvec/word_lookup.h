#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// A to Z become a to z; other bytes stay.
std::string lower_case(std::string_view text);

/// The number of `word`; where that is unknown, the number of its lower case.
std::optional<std::uint32_t> find_either_case(const WordTable& words, std::string_view word);

/// The vector of `word`; where that is unknown, of its lower case; else what its subwords give; or nothing.
std::optional<std::vector<float>> vector_of_either_case(const WordVectors& vectors, std::string_view word);

}  // namespace berta::wordvec
