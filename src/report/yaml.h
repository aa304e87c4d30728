#pragma once

#include <string>
#include <string_view>

namespace berta::report {

/// `text` as a YAML scalar that every reader (1.1 and 1.2) takes for this string: plain where nothing can be
/// mistaken, else in double quotes with escapes. Invalid UTF-8 becomes U+FFFD.
std::string yaml_string(std::string_view text);

/// A number as a YAML float; .nan, .inf and -.inf for the others.
std::string yaml_number(double value);

}  // namespace berta::report
