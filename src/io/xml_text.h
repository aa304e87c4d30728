#pragma once

#include <string>
#include <string_view>

namespace berta::io {

/// `text` for XML 1.0 and HTML, in content and in double quotes: markup escaped; what is no UTF-8 or no
/// character of XML becomes U+FFFD.
std::string xml_text(std::string_view text);

}  // namespace berta::io
