#include "data/json_records.h"

#include <span>
#include <utility>
#include <variant>

#include "core/error.h"
#include "data/text_file.h"
#include "io/byte_source.h"
#include "io/quote.h"

namespace berta::data {

namespace {

[[noreturn]] void fail_size(const std::string& name, const io::JsonLimits& limits) {
  throw UserError(name + ": expected at most " + std::to_string(limits.max_bytes) +
                  " bytes of JSON, found more");
}

}  // namespace

io::Json read_json_file(const std::string& path) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  const io::JsonLimits limits;
  io::ByteSource file(path);
  std::string bytes;
  std::size_t count = kPiece;
  while (count == kPiece) {
    const std::size_t before = bytes.size();
    if (before > limits.max_bytes) fail_size(path, limits);
    bytes.resize(before + kPiece);
    count = file.read(std::span(bytes).subspan(before));
    bytes.resize(before + count);
  }
  std::string_view text = bytes;
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return io::parse_json(text, path, limits);
}

io::Json parse_rest(io::LineReader& lines, std::string_view first) {
  const io::JsonLimits limits;
  // Empty lines stand for those before, so that errors count the lines of the file.
  std::string text(lines.number() - 1, '\n');
  text += first;
  std::string_view line;
  while (lines.next(line)) {
    if (text.size() + line.size() >= limits.max_bytes) fail_size(lines.name(), limits);
    text.push_back('\n');
    text += line;
  }
  return io::parse_json(text, lines.name(), limits);
}

bool JsonRecords::next(io::Json& record) {
  std::string_view line;
  while (!array_ && lines_.next(line)) {
    if (is_blank_line(line)) continue;
    const bool first = taken_ == 0;
    ++taken_;
    if (first && line[line.find_first_not_of(" \t\r")] == '[') {
      array_ = std::get<io::Json::Array>(parse_rest(lines_, line).release());
      taken_ = 0;
      break;
    }
    record = io::parse_json(line, lines_.where());
    record.as_object(lines_.where());
    return true;
  }
  if (!array_ || taken_ == array_->size()) return false;
  record = std::move((*array_)[taken_++]);
  record.as_object(where());
  return true;
}

std::string JsonRecords::where() const {
  return array_ ? lines_.name() + ": record " + std::to_string(taken_) : lines_.where();
}

const io::Json* find_any(const io::Json& object, std::initializer_list<std::string_view> keys,
                         std::string_view& found) {
  for (const std::string_view key : keys) {
    const io::Json* value = object.find(key);
    if (value == nullptr || value->is_null()) continue;
    found = key;
    return value;
  }
  return nullptr;
}

std::string key_of(const std::string& where, std::string_view key) {
  return where + ": key '" + std::string(key) + "'";
}

void fail_key(const io::Json& object, std::initializer_list<std::string_view> keys,
              const std::string& where) {
  std::string wanted;
  for (const std::string_view key : keys) wanted += (wanted.empty() ? "'" : " or '") + std::string(key) + "'";
  std::string found;
  for (const auto& [key, value] : object.as_object(where))
    found += (found.empty() ? "" : ", ") + io::quoted(key);
  throw UserError(where + ": expected a key " + wanted + ", found " + (found.empty() ? "none" : found));
}

std::optional<std::string> optional_text_at(const io::Json& object,
                                            std::initializer_list<std::string_view> keys,
                                            const std::string& where) {
  std::string_view key;
  const io::Json* value = find_any(object, keys, key);
  if (value == nullptr) return std::nullopt;
  return value->as_string(key_of(where, key));
}

std::string text_at(const io::Json& object, std::initializer_list<std::string_view> keys,
                    const std::string& where) {
  std::optional<std::string> text = optional_text_at(object, keys, where);
  if (!text) fail_key(object, keys, where);
  return *std::move(text);
}

std::vector<std::string> texts_of(const io::Json& array, const std::string& what) {
  std::vector<std::string> texts;
  for (const io::Json& text : array.as_array(what)) {
    texts.push_back(text.as_string(what + ", entry " + std::to_string(texts.size() + 1)));
  }
  return texts;
}

}  // namespace berta::data
