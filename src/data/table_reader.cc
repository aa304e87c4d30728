#include "data/table_reader.h"

#include <algorithm>

#include "core/error.h"

namespace berta::data {
namespace {

void split_tabs(std::string_view line, Cells& cells) {
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t tab = std::min(line.find('\t', begin), line.size());
    cells.emplace_back(line.substr(begin, tab - begin));
    begin = tab + 1;
  }
}

}  // namespace

std::string TableReader::where() const {
  return lines_.name() + ": line " + std::to_string(row_line_);
}

bool TableReader::next(Cells& cells) {
  std::string_view line;
  while (lines_.next(line)) {
    row_line_ = lines_.number();
    const bool tsv = format_ == FileFormat::tsv;
    if (tsv ? is_blank_line(line) : line.empty()) continue;
    require_utf8(line, lines_);
    cells.clear();
    if (tsv) {
      split_tabs(line, cells);
    } else {
      split_quoted(line, cells);
    }
    return true;
  }
  return false;
}

/// A row may take more lines than its first.
void TableReader::split_quoted(std::string_view first, Cells& cells) {
  std::string line(first);
  std::size_t position = 0;
  while (true) {
    if (position < line.size() && line[position] == '"') {
      cells.push_back(take_quoted(line, position));
      if (position < line.size() && line[position] != ',') {
        throw UserError(where() + ": expected a comma behind the closing quote of cell " +
                        std::to_string(cells.size()) + ", found '" + line[position] + "'");
      }
    } else {
      const std::size_t end = std::min(line.find(',', position), line.size());
      cells.push_back(line.substr(position, end - position));
      if (cells.back().find('"') != std::string::npos) {
        throw UserError(where() + ": expected quotes around cell " + std::to_string(cells.size()) +
                        ", found one within it");
      }
      position = end;
    }
    if (position == line.size()) return;
    ++position;
  }
}

/// The cell whose opening quote is at `position`, which moves behind the closing one.
std::string TableReader::take_quoted(std::string& line, std::size_t& position) {
  std::string cell;
  ++position;
  while (true) {
    const std::size_t quote = line.find('"', position);
    if (quote == std::string::npos) {
      cell.append(line, position);
      if (cell.size() > io::LineReader::kMaxBytes) {
        throw UserError(where() + ": expected rows of at most " + std::to_string(io::LineReader::kMaxBytes) +
                        " bytes, found a longer one");
      }
      take_next_line(line);
      cell.push_back('\n');
      position = 0;
      continue;
    }
    cell.append(line, position, quote - position);
    position = quote + 1;
    if (position == line.size() || line[position] != '"') return cell;
    cell.push_back('"');
    ++position;
  }
}

/// Replaces the line, which is used up, by the next one of the file.
void TableReader::take_next_line(std::string& line) {
  std::string_view next;
  if (!lines_.next(next)) throw UserError(where() + ": expected a closing quote, found the end of the file");
  require_utf8(next, lines_);
  line = next;
}

}  // namespace berta::data
