#include "train/heads/predictions.h"

#include <algorithm>
#include <utility>

#include "data/table_reader.h"
#include "io/atomic_file.h"
#include "io/json.h"

namespace berta::train {
namespace {

std::string cell(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string line_of(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    line += cell(cells[i]);
  }
  line += '\n';
  return line;
}

}  // namespace

void write_predictions(const std::string& path, const PredictionTable& table) {
  std::vector<std::string> cells = {"row", "label", "prediction"};
  cells.insert(cells.end(), table.columns.begin(), table.columns.end());
  std::string text = line_of(cells);
  for (const Prediction& one : table.rows) {
    cells = {std::to_string(one.row), one.label, one.prediction};
    for (const double value : one.values) io::append_json_number(cells.emplace_back(), value);
    text += line_of(cells);
  }
  io::write_file(path, text);
}

void merge_predictions(const std::vector<std::string>& folds, const std::string& path) {
  std::string header;
  std::vector<std::pair<double, std::string>> lines;
  for (std::size_t fold = 0; fold < folds.size(); ++fold) {
    data::TableReader table(io::LineReader::open(folds[fold]), data::FileFormat::csv);
    data::Cells cells;
    for (bool first = true; table.next(cells); first = false) {
      const double row = first ? 0 : data::parse_number(cells.front(), table.where());
      cells.insert(cells.begin() + 1, first ? "fold" : std::to_string(fold + 1));
      if (first) {
        header = line_of(cells);
      } else {
        lines.emplace_back(row, line_of(cells));
      }
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string text = header;
  for (const auto& [row, line] : lines) text += line;
  io::write_file(path, text);
}

}  // namespace berta::train
