#pragma once

#include <string>
#include <vector>

#include "io/line_reader.h"

namespace berta::wordvec {

enum class Header : std::uint8_t { automatic, yes, no };

/// Where label and text stand in the lines of a table.
struct TableColumns {
  std::string label;  ///< the number of the column, from 1, or its name in the header; empty: "label", else 1
  std::string text;   ///< the same; empty: "text" or "sentence", else 2
  /// Whether the first line holds names; automatic: if a name is asked for, or one of its columns is "label".
  Header header = Header::automatic;
};

struct LabelledText {
  std::string label;
  std::string text;
  std::size_t line = 0;  ///< of the file, from 1
};

/// Lines of columns between tabs. Empty lines are left out. Throws UserError "FILE: line 7: expected ...":
/// too few columns, an empty label, a name that the header lacks; and for a file without texts.
std::vector<LabelledText> read_labelled(io::LineReader& lines, const TableColumns& columns);

}  // namespace berta::wordvec
