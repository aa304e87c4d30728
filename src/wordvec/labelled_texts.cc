#include "wordvec/labelled_texts.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>

#include "core/error.h"
#include "io/quote.h"
#include "wordvec/word_lookup.h"

namespace berta::wordvec {
namespace {

using Cells = std::vector<std::string_view>;

Cells cells_of(std::string_view line) {
  Cells cells;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return cells;
}

/// "3" as 2: columns count from 1.
std::optional<std::size_t> index_of(const std::string& column) {
  std::size_t number = 0;
  const char* end = column.data() + column.size();
  const auto [stop, error] = std::from_chars(column.data(), end, number);
  if (error != std::errc() || stop != end || number == 0) return std::nullopt;
  return number - 1;
}

std::optional<std::size_t> find_name(const Cells& header, std::string_view name) {
  const auto found = std::find_if(header.begin(), header.end(), [&](std::string_view cell) {
    return lower_case(cell) == lower_case(name);
  });
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

/// What is asked for, in numbers of columns.
struct Places {
  std::size_t label = 0;
  std::size_t text = 1;
};

class Table {
 public:
  Table(io::LineReader& lines, const TableColumns& columns) : lines_(lines), columns_(columns) {}

  /// False where the first line is no header, but a line as the others.
  bool read_first(std::string_view line) {
    const Cells cells = cells_of(line);
    const bool header = is_header(cells);
    places_.label = find(columns_.label, header, cells, {"label"}).value_or(0);
    places_.text =
        find(columns_.text, header, cells, {"text", "sentence"}).value_or(places_.label == 0 ? 1 : 0);
    if (places_.label == places_.text) {
      throw UserError(lines_.where() + ": expected label and text in two columns, found both in column " +
                      std::to_string(places_.label + 1));
    }
    return header;
  }

  LabelledText read(std::string_view line) const {
    const Cells cells = cells_of(line);
    const std::size_t wanted = std::max(places_.label, places_.text) + 1;
    if (cells.size() < wanted) {
      throw UserError(lines_.where() + ": expected at least " + std::to_string(wanted) +
                      " columns between tabs, found " + std::to_string(cells.size()));
    }
    if (cells[places_.label].empty()) {
      throw UserError(lines_.where() + ": expected a label in column " + std::to_string(places_.label + 1) +
                      ", found none");
    }
    return {.label = std::string(cells[places_.label]),
            .text = std::string(cells[places_.text]),
            .line = lines_.number()};
  }

 private:
  bool is_header(const Cells& cells) const {
    if (columns_.header != Header::automatic) return columns_.header == Header::yes;
    const auto is_name = [](const std::string& column) { return !column.empty() && !index_of(column); };
    return is_name(columns_.label) || is_name(columns_.text) || find_name(cells, "label");
  }

  /// The column that `wanted` says; where that is empty, one of the usual names.
  std::optional<std::size_t> find(const std::string& wanted, bool header, const Cells& cells,
                                  std::initializer_list<const char*> usual) const {
    if (!wanted.empty()) {
      if (const auto index = index_of(wanted)) return index;
      const auto named = header ? find_name(cells, wanted) : std::nullopt;
      if (!named) {
        throw UserError(lines_.where() + ": expected a column named " + io::quoted(wanted) +
                        (header ? ", found no such name" : ", found no header"));
      }
      return named;
    }
    for (const char* name : usual) {
      if (!header) break;
      if (const auto named = find_name(cells, name)) return named;
    }
    return std::nullopt;
  }

  io::LineReader& lines_;
  const TableColumns& columns_;
  Places places_;
};

}  // namespace

std::vector<LabelledText> read_labelled(io::LineReader& lines, const TableColumns& columns) {
  Table table(lines, columns);
  std::vector<LabelledText> texts;
  bool first = true;
  std::string_view line;
  while (lines.next(line)) {
    if (line.empty()) continue;
    if (first) {
      first = false;
      if (table.read_first(line)) continue;
    }
    texts.push_back(table.read(line));
  }
  if (texts.empty()) throw UserError(lines.name() + ": expected texts with labels, found none");
  return texts;
}

}  // namespace berta::wordvec
