#pragma once

#include <string>
#include <string_view>

namespace berta::io {

/// A name out of a file, fit for an error in one line: in double quotes, control characters escaped, cut
/// after 200 bytes.
std::string quoted(std::string_view text);

}  // namespace berta::io
