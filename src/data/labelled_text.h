#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "data/columns.h"
#include "data/text_file.h"

namespace berta::data {

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

/// A sample of classification, regression or multi-label classification.
struct LabelledText {
  std::string text{};
  std::optional<std::string> text_pair{};
  std::string label{};                ///< as written; empty for multi-label samples
  std::vector<std::string> labels{};  ///< of multi-label samples: each once, in the file's order; may be none
  double value = 0;                   ///< the label as a number, where numbers were asked for
  double weight = 1;
};

enum class LabelKind : std::uint8_t {
  one,     ///< a class: any text; in JSON also an integer, a number, true or false
  number,  ///< for regression
  several  ///< multi-label: texts with a separator between them; in JSON also an array
};

struct LabelledTextOptions {
  FileFormat format = FileFormat::automatic;  ///< of the file's name; other extensions than those are TSV
  Header header = Header::automatic;          ///< of tables
  ColumnChoice columns{};
  LabelKind label_kind = LabelKind::one;
  std::string label_separator = ",";
  /// Samples with such a label are left out, as "-" in SNLI where annotators did not agree.
  std::vector<std::string> skipped_labels{};
  std::size_t max_samples = kNoLimit;  ///< reading ends there
};

/// Reads TSV, CSV or JSON. With a header, a row has as many cells as that; without one, at least the chosen
/// ones. Throws UserError "FILE: line 7: expected ..., found ...": columns that are missing, a row with
/// another number of cells, an empty label, a label or weight that is no number, invalid UTF-8, invalid JSON,
/// a value of another type; and for a file without samples.
std::vector<LabelledText> read_labelled_texts(const std::string& path,
                                              const LabelledTextOptions& options = {});

}  // namespace berta::data
