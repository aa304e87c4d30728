// Any bytes as JSON lines that arrive in pieces: the lines are those of a plain split, and each is JSON or a
// UserError. The first byte chooses the size of the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "io/json.h"
#include "io/line_reader.h"

namespace {

constexpr std::size_t kMaxLine = 512;

/// The line that a plain split finds next, without its end.
std::string_view split(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void parse(std::string_view line, const std::string& where) {
  try {
    berta::io::parse_json(line, where);
  } catch (const berta::UserError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t at = 0;
  berta::io::LineReader reader(
      "fuzz",
      [&](std::span<char> out) {
        const std::size_t count = std::min({piece, out.size(), text.size() - at});
        std::memcpy(out.data(), text.data() + at, count);
        at += count;
        return count;
      },
      kMaxLine);
  std::string_view rest = text;
  bool first = true;
  while (true) {
    std::string_view line;
    try {
      if (!reader.next(line)) break;
    } catch (const berta::UserError&) {
      if (split(rest).size() < kMaxLine) std::abort();  // only a line that is too long is refused
      first = false;
      continue;
    }
    std::string_view expected = split(rest);
    if (first && expected.starts_with("\xef\xbb\xbf")) expected.remove_prefix(3);
    if (line != expected) std::abort();
    first = false;
    parse(line, reader.where());
  }
  if (!rest.empty()) std::abort();
  return 0;
}
