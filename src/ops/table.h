#pragma once

#include <cmath>
#include <span>
#include <string>

#include "core/error.h"
#include "core/tensor_view.h"

namespace berta::ops {

/// A table that is looked up by row and stays where it lies (usually a mapped file): an embedding table is
/// never copied, only its touched rows are read.
struct Table {
  TensorView view;   ///< [rows, columns]
  std::string name;  ///< "FILE: tensor 'NAME'", for messages

  std::int64_t rows() const { return view.shape[0]; }
  std::int64_t columns() const { return view.shape[1]; }
};

/// Converts rows [first, first + out.size() / columns). Throws UserError for a NaN or an infinity: the table
/// is too large to be checked at load.
template <class T>
void read_rows(const Table& table, std::int64_t first, std::span<T> out) {
  convert(table.view, first * table.columns(), out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!std::isfinite(out[i])) {
      const auto row = first + static_cast<std::int64_t>(i) / table.columns();
      throw UserError(table.name + ": expected finite numbers, found NaN or infinity in row " +
                      std::to_string(row));
    }
  }
}

}  // namespace berta::ops
