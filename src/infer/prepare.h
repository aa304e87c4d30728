#pragma once

#include <cstdint>
#include <string>

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
};

struct PrepareReport {
  std::string file;            ///< the weights written
  std::size_t bytes_read = 0;  ///< of the weights read
  std::size_t bytes_written = 0;
};

/// Writes a folder that loads at once in one precision: weights rounded and packed for the products, position
/// tables projected (prepared_format.h), config and tokenizer beside them. `path`: a model folder, or one
/// weight file with a config beside it. Throws UserError: what Model::load throws, a folder that is the input
/// or holds other weights, a file that can't be written.
PrepareReport prepare(const std::string& path, const std::string& output, const PrepareOptions& options);

}  // namespace berta::infer
