#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace berta::train {

/// What a model says of one example.
struct Prediction {
  std::size_t row = 0;  ///< of the data, from 0; a header is none
  std::string label;    ///< that the data says
  std::string prediction;
  std::vector<double> values;  ///< probabilities, of regression none
};

/// Beside a model: of the data that chose it.
inline constexpr const char* kDevPredictions = "dev_predictions.csv";

struct PredictionTable {
  std::vector<std::string> columns;  ///< names of `values`
  std::vector<Prediction> rows;
};

/// CSV by RFC 4180: row, label, prediction, and the columns. Throws UserError.
void write_predictions(const std::string& path, const PredictionTable& table);

/// One file of those of all folds, in the order of rows, with a column "fold" (from 1) behind "row".
/// Throws UserError.
void merge_predictions(const std::vector<std::string>& folds, const std::string& path);

}  // namespace berta::train
