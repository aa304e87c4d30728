#pragma once

#include <span>
#include <string>
#include <string_view>

#include "wordvec/principal_map.h"

namespace berta::wordvec {

/// An SVG picture that needs no other file: a point and a label for each word, both axes to one scale, a
/// title with the part of the variance that each axis shows. The same input gives the same bytes.
std::string draw_map(const PrincipalMap& map, std::span<const std::string> words, std::string_view title);

}  // namespace berta::wordvec
