#include "cli/record_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "io/quote.h"

namespace berta::cli {
namespace {

InputFormat format_of(std::string_view path) {
  for (const std::string_view end : {".jsonl", ".ndjson", ".json"}) {
    if (path.ends_with(end)) return InputFormat::jsonl;
  }
  if (path.ends_with(".tsv")) return InputFormat::tsv;
  if (path.ends_with(".txt")) return InputFormat::text;
  return InputFormat::automatic;
}

std::vector<std::string_view> split_tabs(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t tab = std::min(line.find('\t', begin), line.size());
    cells.push_back(line.substr(begin, tab - begin));
    begin = tab + 1;
  }
  return cells;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

InputFile::InputFile(const std::string& path) : name_(path == "-" ? "standard input" : path) {
  if (path != "-") {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) throw UserError(path + ": cannot open: " + std::strerror(errno));
    owned_ = true;
  }
  struct stat facts = {};
  if (::fstat(descriptor_, &facts) == 0 && S_ISREG(facts.st_mode))
    size_ = static_cast<std::size_t>(facts.st_size);
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  if (wake_ < 0) throw ReadError(name_ + ": cannot read: " + std::strerror(errno));
}

InputFile::~InputFile() {
  if (owned_) ::close(descriptor_);
  if (wake_ >= 0) ::close(wake_);
}

void InputFile::stop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof(one));
}

std::size_t InputFile::read(std::span<char> out) {
  while (true) {
    pollfd wait[2] = {{.fd = descriptor_, .events = POLLIN, .revents = 0},
                      {.fd = wake_, .events = POLLIN, .revents = 0}};
    if (::poll(wait, 2, -1) < 0 && errno != EINTR)
      throw ReadError(name_ + ": cannot read: " + std::strerror(errno));
    if (wait[1].revents != 0) return 0;
    if (wait[0].revents == 0) continue;
    const ssize_t count = ::read(descriptor_, out.data(), out.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR && errno != EAGAIN) throw ReadError(name_ + ": cannot read: " + std::strerror(errno));
  }
}

RecordReader::RecordReader(std::shared_ptr<InputFile> file, const std::string& path, Options options)
    : file_(std::move(file)),
      lines_(file_->name(), [source = file_](std::span<char> out) { return source->read(out); }),
      options_(std::move(options)) {
  if (options_.format == InputFormat::automatic) options_.format = format_of(path);
  columns_ = options_.columns;
  if (options_.format == InputFormat::text) refuse_text();
}

void RecordReader::refuse_text() const {
  if (!options_.main_field.empty()) return;
  throw UserError(file_->name() + ": expected JSON lines or a table, found plain text");
}

void RecordReader::choose_format(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  options_.format = line[first] == '{' ? InputFormat::jsonl : InputFormat::text;
  if (options_.format == InputFormat::text) refuse_text();
}

void RecordReader::read_columns(std::string_view line) {
  for (const std::string_view cell : split_tabs(line)) {
    if (find_invalid_utf8(cell))
      throw UserError(lines_.where() + ": expected names of columns, found invalid UTF-8");
    if (std::find(columns_.begin(), columns_.end(), cell) != columns_.end()) {
      throw UserError(lines_.where() + ": column " + io::quoted(cell) + " is there twice");
    }
    columns_.emplace_back(cell);
  }
}

Record RecordReader::parse_line(std::string_view line) const {
  const std::string where = lines_.where();
  if (const auto bad = find_invalid_utf8(line)) {
    throw UserError(where + ": invalid UTF-8 at byte " + std::to_string(*bad + 1));
  }
  if (options_.format == InputFormat::text)
    return make_text_record(options_.main_field, line, where, lines_.number());
  if (options_.format == InputFormat::jsonl) {
    Record record{.json = io::parse_json(line, where), .where = where, .number = lines_.number(), .bytes = 0};
    record.json.as_object(where);
    return record;
  }
  const auto cells = split_tabs(line);
  if (cells.size() != columns_.size()) {
    throw UserError(where + ": expected " + std::to_string(columns_.size()) + " columns, found " +
                    std::to_string(cells.size()));
  }
  io::Json::Object object;
  for (std::size_t i = 0; i < cells.size(); ++i)
    object.emplace_back(columns_[i], io::Json(std::string(cells[i])));
  return {.json = io::Json(std::move(object)), .where = where, .number = lines_.number(), .bytes = 0};
}

bool RecordReader::next(Record& record) {
  if (give_held(record)) return true;
  std::string_view line;
  std::size_t bytes = 0;
  while (lines_.next(line)) {
    bytes += line.size() + 1;
    if (is_blank(line) && options_.format != InputFormat::text) {
      if (options_.format == InputFormat::automatic) ++blanks_;
      continue;
    }
    if (options_.format == InputFormat::automatic) choose_format(line);
    if (options_.format == InputFormat::tsv && columns_.empty()) {
      read_columns(line);
      continue;
    }
    if (blanks_ > 0) {
      held_ = line;
      return give_held(record);
    }
    record = parse_line(line);
    record.bytes = bytes;
    return true;
  }
  if (blanks_ > 0 && !options_.main_field.empty()) options_.format = InputFormat::text;
  return give_held(record);
}

/// Blank lines at the start are texts if what follows is text, and nothing if it is JSON lines.
bool RecordReader::give_held(Record& record) {
  if (options_.format != InputFormat::text) blanks_ = 0;
  if (blanks_given_ < blanks_) {
    ++blanks_given_;
    record = make_text_record(options_.main_field, "",
                              lines_.name() + ": line " + std::to_string(blanks_given_), blanks_given_);
    return true;
  }
  blanks_ = blanks_given_ = 0;
  if (!held_) return false;
  const std::string line = *std::exchange(held_, std::nullopt);
  record = parse_line(line);
  record.bytes = line.size() + 1;
  return true;
}

}  // namespace berta::cli
