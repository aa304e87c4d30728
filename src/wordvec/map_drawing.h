#pragma once

#include <span>
#include <string>
#include <string_view>

#include "wordvec/principal_map.h"

namespace berta::wordvec {

/// `text` for XML 1.0: markup escaped; what is no UTF-8 or no character of XML becomes U+FFFD.
std::string xml_text(std::string_view text);

/// An SVG picture that needs no other file: a point and a label for each word, both axes to one scale, a
/// title with the part of the variance that each axis shows. The same input gives the same bytes.
std::string draw_map(const PrincipalMap& map, std::span<const std::string> words, std::string_view title);

}  // namespace berta::wordvec
