#include "wordvec/text_lines.h"

#include <algorithm>
#include <memory>

#include "io/byte_source.h"

namespace berta::wordvec {

io::LineReader open_lines(const std::string& path) {
  auto source = std::make_shared<io::ByteSource>(path);
  return {path, [source](std::span<char> out) { return source->read(out); }};
}

std::vector<std::string_view> parts_of(std::string_view line, std::string_view separators) {
  std::vector<std::string_view> parts;
  std::size_t begin = line.find_first_not_of(separators);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(separators, begin), line.size());
    parts.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(separators, end);
  }
  return parts;
}

}  // namespace berta::wordvec
