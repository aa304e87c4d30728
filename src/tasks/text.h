#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace berta::tasks {

/// Without the blanks (Python's str.isspace) at both ends, as Python's str.strip.
std::string_view strip(std::string_view text);

/// Each code point in lower case, as Python's str.lower but for the final sigma; invalid UTF-8 as it is.
std::string lower(std::string_view text);

/// Replaces {} (and {0}) of a Python format string by `value`, and {{ and }} by braces. Throws UserError for
/// any other brace and for a pattern without {}.
std::string format(std::string_view pattern, std::string_view value);

}  // namespace berta::tasks
