// Position terms of attention for training, compiled once per instruction set. Include guard toggled per
// target.
#if defined(BERTA_KERNELS_POSITION_TERMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_POSITION_TERMS_INL_H_
#undef BERTA_KERNELS_POSITION_TERMS_INL_H_
#else
#define BERTA_KERNELS_POSITION_TERMS_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/small_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// Queries and keys of a tile. 64 x 64 scores, their gradients and the position terms are below 100 KB of
/// floats: they stay in the second-level cache with the rows that they come from.
inline constexpr std::size_t kTrainingTile = 64;
/// Rows of scratch are whole vectors of the widest machine: 16 floats.
inline constexpr std::size_t kTrainingPad = 16;

constexpr std::size_t round_up(std::size_t count, std::size_t unit) {
  return (count + unit - 1) / unit * unit;
}

template <class T>
void clear(const VectorRows<T>& rows, std::size_t count, std::size_t columns) {
  for (std::size_t i = 0; i < count; ++i) std::fill_n(rows.row(i), columns, T(0));
}

/// The queries or the keys of a tile, by their positions in the sequence.
struct TileSide {
  std::size_t count = 0;
  std::int64_t low = 0, high = 0;           ///< positions
  const std::int32_t* positions = nullptr;  ///< null: one after the other from `low`

  std::int64_t operator[](std::size_t i) const {
    return positions == nullptr ? low + static_cast<std::int64_t>(i) : positions[i];
  }
  std::size_t spread() const { return static_cast<std::size_t>(high - low); }

  /// Those at positions[0 ... count - 1].
  static TileSide at(const std::int32_t* positions, std::size_t count) {
    bool following = true;
    for (std::size_t i = 1; i < count; ++i) following &= positions[i] == positions[i - 1] + 1;
    if (!following) return TileSide{.count = count, .positions = positions}.part(0, count);
    return {.count = count, .low = positions[0], .high = positions[count - 1]};
  }
  TileSide part(std::size_t first, std::size_t most) const {
    TileSide part{.count = std::min(most, count - first)};
    if (positions == nullptr) {
      part.low = low + static_cast<std::int64_t>(first);
      part.high = part.low + static_cast<std::int64_t>(part.count) - 1;
    } else {
      part.positions = positions + first;
      const auto [lowest, highest] = std::minmax_element(part.positions, part.positions + part.count);
      part.low = *lowest, part.high = *highest;
    }
    return part;
  }
};

/// One of the two tables, with a row for each distance. Rows x of a tile meet its columns at
///   x[r] table[origin - position of r + position of c]
/// so that neighbouring columns are neighbours in the table: of Kr, r are queries, c keys, and rows are in
/// the order of falling distances; of Qr, r are keys, c queries, and distances rise.
template <class T>
class PositionTable {
 public:
  VectorRows<T> rows;        ///< [distances, head]
  VectorRows<T> transposed;  ///< [head, distances]
  VectorRows<T> gradients;   ///< [distances, head]
  T* terms = nullptr;        ///< scratch of terms_size() for the tiles
  std::int64_t origin = 0;   ///< row of distance 0

  /// For positions below `reach`.
  static constexpr std::size_t terms_size(std::size_t reach) {
    return kTrainingTile * terms_stride(2 * reach);
  }

  /// out[r][c] += x[r] table[..], out [rows, columns].
  void add_terms(const VectorRows<T>& x, const TileSide& row, const TileSide& column, std::size_t head,
                 const VectorRows<T>& out) const {
    for (std::size_t r = 0; r < row.count; r += kBlock) {
      // Few rows share few distances beyond those of one row, so nearly no term is computed for nothing.
      const TileSide block = row.part(r, kBlock);
      const std::size_t width = column.spread() + block.spread() + 1;
      const VectorRows<T> lines{terms, terms_stride(width)};
      clear(lines, block.count, lines.stride);
      add_product<T>({x.row(r), x.stride, 1}, transposed.from(0, first_row(block, column)), lines,
                     block.count, width, head);
      for (std::size_t i = 0; i < block.count; ++i)
        add_line(lines.row(i) + (block.high - block[i]), column, out.row(r + i));
    }
  }

  /// From g, the gradient of what add_terms adds: that of x to d_x, and that of the table.
  void add_gradients(const VectorRows<T>& g, const VectorRows<T>& x, const TileSide& row,
                     const TileSide& column, std::size_t head, const VectorRows<T>& d_x) const {
    const std::size_t width = column.spread() + row.spread() + 1;
    const std::size_t first = first_row(row, column);
    const VectorRows<T> lines{terms, terms_stride(width)};
    clear(lines, row.count, round_up(width, kTrainingPad));
    for (std::size_t r = 0; r < row.count; ++r)
      spread_line(g.row(r), column, lines.row(r) + (row.high - row[r]));
    for (std::size_t r = 0; r < row.count; r += kBlock) {
      const TileSide block = row.part(r, kBlock);
      const auto skipped = static_cast<std::size_t>(row.high - block.high);
      add_product<T>({lines.row(r) + skipped, lines.stride, 1}, rows.from(first + skipped), d_x.from(r),
                     block.count, head, column.spread() + block.spread() + 1);
    }
    for (std::size_t j = 0; j < width; j += kBlock) {
      const auto [begin, end] = rows_at(j, row, column);
      add_product<T>({lines.row(begin) + j, 1, lines.stride}, x.from(begin), gradients.from(first + j),
                     std::min(kBlock, width - j), head, end - begin);
    }
  }

 private:
  /// Rows that go through a product together: those of its widest tile.
  static constexpr std::size_t kBlock = 6;

  static constexpr std::size_t terms_stride(std::size_t width) {
    // A line is read from up to kBlock - 1 columns on in whole vectors.
    return round_up(width + kBlock, kTrainingPad) + kTrainingPad;
  }

  /// Of the table, for the row with the highest and the column with the lowest position.
  std::size_t first_row(const TileSide& row, const TileSide& column) const {
    return static_cast<std::size_t>(origin - row.high + column.low);
  }

  /// Rows that have an element in columns [j, j + kBlock) of the spread lines.
  static std::pair<std::size_t, std::size_t> rows_at(std::size_t j, const TileSide& row,
                                                     const TileSide& column) {
    const std::size_t before = j + kBlock;
    if (row.positions != nullptr) {
      const auto has_some = [&](std::size_t r) {
        const auto first = static_cast<std::size_t>(row.high - row[r]);
        return first < before && j <= first + column.spread();
      };
      std::size_t begin = 0, end = row.count;
      while (begin < end && !has_some(begin)) ++begin;
      while (begin < end && !has_some(end - 1)) --end;
      return {begin, end};
    }
    // Row r begins in column count - 1 - r.
    const std::size_t begin = row.count > before ? row.count - before : 0;
    const std::size_t end = std::min(row.count, row.count + column.spread() - j);
    return {begin, end};
  }

  static void add_line(const T* from, const TileSide& column, T* to) {
    if (column.positions != nullptr) {
      for (std::size_t c = 0; c < column.count; ++c) to[c] += from[column[c] - column.low];
      return;
    }
    const hn::ScalableTag<T> d;
    for (std::size_t c = 0; c < column.count; c += hn::Lanes(d))
      hn::StoreU(hn::Add(hn::LoadU(d, to + c), hn::LoadU(d, from + c)), d, to + c);
  }

  static void spread_line(const T* from, const TileSide& column, T* to) {
    if (column.positions == nullptr) return std::copy_n(from, column.count, to), void();
    // Columns may stand at one position twice.
    for (std::size_t c = 0; c < column.count; ++c) to[column[c] - column.low] += from[c];
  }
};

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
