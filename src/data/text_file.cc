#include "data/text_file.h"

#include <charconv>
#include <cmath>
#include <memory>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "io/byte_source.h"
#include "io/quote.h"

namespace berta::data {
namespace {

constexpr std::pair<std::string_view, FileFormat> kExtensions[] = {
    {".tsv", FileFormat::tsv},    {".csv", FileFormat::csv},     {".json", FileFormat::json},
    {".jsonl", FileFormat::json}, {".ndjson", FileFormat::json}, {".conll", FileFormat::conll},
    {".bio", FileFormat::conll},  {".iob", FileFormat::conll},
};

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

FileFormat format_of(const std::string& path, FileFormat asked, FileFormat otherwise) {
  if (asked != FileFormat::automatic) return asked;
  const std::string lower = lower_case(path);
  std::string_view name = lower;
  if (name.ends_with(".gz")) name.remove_suffix(3);
  for (const auto& [extension, format] : kExtensions) {
    if (name.ends_with(extension)) return format;
  }
  return otherwise;
}

io::LineReader open_lines(const std::string& path) {
  if (path == "-") return io::LineReader::open(path);
  auto file = std::make_shared<io::ByteSource>(path);
  return {path, [file](std::span<char> out) { return file->read(out); }};
}

void require_utf8(std::string_view line, const io::LineReader& lines) {
  if (const auto bad = find_invalid_utf8(line)) {
    throw UserError(lines.where() + ": expected UTF-8, found an invalid byte at " + std::to_string(*bad + 1));
  }
}

bool is_blank_line(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

double parse_number(std::string_view text, const std::string& where) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end && std::isfinite(value)) return value;
  throw UserError(where + ": expected a number, found " + io::quoted(text));
}

}  // namespace berta::data
