#include "io/xml_text.h"

#include "core/utf8.h"

namespace berta::io {
namespace {

bool is_xml_character(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xfffe && c != 0xffff);
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char32_t c : decode_utf8(text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      append_utf8(out, is_xml_character(c) ? c : char32_t{0xfffd});
    }
  }
  return out;
}

}  // namespace berta::io
