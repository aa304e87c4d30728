#pragma once

#include <string>
#include <string_view>

namespace berta::report {

/// JSON text laid out with two blanks a level and one member a line; lists of numbers and short strings stay
/// on one line. Text that is no JSON comes back as it is.
std::string pretty_json(std::string_view text);

}  // namespace berta::report
