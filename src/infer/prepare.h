#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "infer/model.h"

namespace berta::infer {

/// How the tables that are looked up by row are stored.
enum class TableType : std::uint8_t {
  keep,  ///< as in the checkpoint: the same bits come out as without preparing
  f16,   ///< half the file; differences of 2^-11 of each number
};

struct PrepareOptions {
  Precision precision = Precision::int8;  ///< `automatic` is int8
  TableType tables = TableType::keep;
  /// int8: texts to measure on what rounding costs each encoder matrix; none: all are rounded.
  std::vector<Sequence> calibration{};
  /// A matrix whose products lose more on these texts (measure_rounding), stays bf16: a hundredth of the
  /// variance of what differs between tokens.
  double largest_error = 0.1;
};

/// A matrix that calibration left in bf16.
struct KeptMatrix {
  std::string name;
  double error = 0;  ///< in int8, of measure_rounding
};

struct PrepareReport {
  std::string file;            ///< the weights written
  std::size_t bytes_read = 0;  ///< of the weights read
  std::size_t bytes_written = 0;
  double worst_error = 0;          ///< of the matrices in int8, where it was measured
  std::vector<KeptMatrix> kept{};  ///< the worst first
};

/// Writes a folder that loads at once in one precision: weights rounded and packed for the products, position
/// tables projected (prepared_format.h), config and tokenizer beside them. `path`: a model folder, or one
/// weight file with a config beside it. Throws UserError: what Model::load throws, a folder that is the input
/// or holds other weights, a file that can't be written.
PrepareReport prepare(const std::string& path, const std::string& output, const PrepareOptions& options);

}  // namespace berta::infer
