#include "corpus/text_source.h"

#include <algorithm>

#include "core/error.h"
#include "io/json.h"

namespace berta::corpus {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

/// What a file's name tells; nothing where it tells nothing.
std::optional<bool> json_by_name(std::string_view path) {
  if (path.ends_with(".gz")) path.remove_suffix(3);
  for (const std::string_view ending : {".jsonl", ".ndjson", ".json"}) {
    if (path.ends_with(ending)) return true;
  }
  if (path.ends_with(".txt")) return false;
  return std::nullopt;
}

}  // namespace

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kBlanks) == text.npos;
}

TextSource::TextSource(std::vector<std::string> files, TextFormat format)
    : files_(std::move(files)), format_(format) {
  if (files_.empty()) throw UserError("expected at least one file of text");
  for (const std::string& file : files_) {
    io::ByteSource::require_regular(file);
    const io::ByteSource opened(file);  // says now what could not be read later
  }
}

void TextSource::open_file() {
  bytes_ = std::make_shared<io::ByteSource>(files_[file_]);
  lines_.emplace(files_[file_], [bytes = bytes_](std::span<char> out) { return bytes->read(out); });
  json_.reset();
  if (format_ != TextFormat::automatic) {
    json_ = format_ == TextFormat::jsonl;
  } else {
    json_ = json_by_name(files_[file_]);
  }
}

/// Lines of blanks before the first other one are text until the format is known, which changes nothing.
bool TextSource::is_json(std::string_view line) {
  if (!json_ && !is_blank(line)) json_ = line[line.find_first_not_of(kBlanks)] == '{';
  return json_.value_or(false);
}

bool TextSource::next(SourceLine& line) {
  while (file_ < files_.size()) {
    if (!lines_) open_file();
    std::string_view view;
    while (lines_->next(view)) {
      line.json = is_json(view);
      if (line.json && is_blank(view)) continue;
      line.bytes.assign(view);
      line.file = file_;
      line.number = lines_->number();
      return true;
    }
    lines_.reset();
    bytes_.reset();
    ++file_;
  }
  return false;
}

double TextSource::fraction_read() const {
  const double within = bytes_ ? bytes_->fraction_read() : 0;
  return std::min(1.0, (static_cast<double>(file_) + within) / static_cast<double>(files_.size()));
}

std::string TextSource::where(const SourceLine& line) const {
  return files_[line.file] + ": line " + std::to_string(line.number);
}

void TextSource::rewind() {
  lines_.reset();
  bytes_.reset();
  file_ = 0;
}

std::string text_of(const SourceLine& line, const std::string& column, const std::string& where) {
  if (!line.json) return line.bytes;
  const io::Json json = io::parse_json(line.bytes, where);
  json.as_object(where);
  const io::Json* text = json.find(column);
  if (text == nullptr) throw UserError(where + ": expected the key '" + column + "', found none");
  return text->as_string(where + ": key '" + column + "'");
}

std::size_t piece_end(std::string_view text, std::size_t limit) {
  const std::size_t most = std::min(limit, text.size() - 1);
  for (std::size_t at = most; at > most / 2; --at) {
    const bool single = text[at] == ' ' && kBlanks.find(text[at - 1]) == kBlanks.npos &&
                        kBlanks.find(text[at + 1 < text.size() ? at + 1 : at]) == kBlanks.npos;
    if (single) return at;
  }
  std::size_t at = most;
  constexpr std::size_t kLongest =
      4;  // bytes of a character; more of them is no UTF-8, which the tokenizer says
  const auto continues = [&] { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  while (continues() && at > 1 && most - at < kLongest) --at;
  return at;
}

}  // namespace berta::corpus
