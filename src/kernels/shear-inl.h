// Sums along the diagonals of a matrix without gathers, compiled once per instruction set. Include guard
// toggled per target.
#if defined(BERTA_KERNELS_SHEAR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_SHEAR_INL_H_
#undef BERTA_KERNELS_SHEAR_INL_H_
#else
#define BERTA_KERNELS_SHEAR_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include "kernels/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// Columns of the matrix: lane j of a row moves down by j rows, bit by bit of j; four bits serve the widest
/// vector.
inline constexpr std::size_t kShearColumns = 16;
/// Rows a step: the farthest move of one bit.
inline constexpr std::size_t kShearRows = 8;

/// Moves the lanes of `mask` down by kShift rows. `kept`: the last rows of the step before.
template <std::size_t kShift, class Mask>
HWY_INLINE void move_down(hn::Vec<F32> (&rows)[kShearRows], hn::Vec<F32> (&kept)[kShift], Mask mask) {
  hn::Vec<F32> last[kShift];
  for (std::size_t i = 0; i < kShift; ++i) last[i] = rows[kShearRows - kShift + i];
  for (std::size_t i = kShearRows; i-- > 0;) {
    const auto above = i >= kShift ? rows[i - kShift] : kept[i];
    rows[i] = hn::IfThenElse(mask, above, rows[i]);
  }
  for (std::size_t i = 0; i < kShift; ++i) kept[i] = last[i];
}

/// out[i][j] += rows[index(first + i - j)][j] for i < count and j < kShearColumns; index(d) = index_of[d] is
/// read at d in [low, high] only, beyond it the nearest is taken.
struct ShearTask {
  const float* rows;  // [.., kShearColumns], so that row r is rows + r * kShearColumns
  const std::int32_t* index_of;
  std::ptrdiff_t low;
  std::ptrdiff_t high;
  std::ptrdiff_t first;
  std::size_t count;
  float* out;  // [count, out_stride]
  std::size_t out_stride;
};

/// The lanes [column, column + lanes).
HWY_INLINE void add_sheared_lanes(const ShearTask& task, std::size_t column) {
  const F32 d;
  const U32 du;
  const auto has_bit = [&](std::uint32_t bit) HWY_ATTR {
    return hn::RebindMask(d, hn::TestBit(hn::Iota(du, 0), hn::Set(du, bit)));
  };
  const auto bit1 = has_bit(1), bit2 = has_bit(2), bit4 = has_bit(4), bit8 = has_bit(8);
  const auto zero = hn::Zero(d);
  hn::Vec<F32> kept1[1] = {zero};
  hn::Vec<F32> kept2[2] = {zero, zero};
  hn::Vec<F32> kept4[4] = {zero, zero, zero, zero};
  hn::Vec<F32> kept8[8] = {zero, zero, zero, zero, zero, zero, zero, zero};
  const auto start = task.first - static_cast<std::ptrdiff_t>(column);
  const auto count = static_cast<std::ptrdiff_t>(task.count);
  // Two steps fill what is kept.
  for (std::ptrdiff_t i0 = -2 * std::ptrdiff_t{kShearRows}; i0 < count; i0 += kShearRows) {
    hn::Vec<F32> rows[kShearRows];
    for (std::size_t i = 0; i < kShearRows; ++i) {
      const auto at = std::clamp(start + i0 + static_cast<std::ptrdiff_t>(i), task.low, task.high);
      rows[i] = hn::LoadU(
          d, task.rows + std::size_t{kShearColumns} * static_cast<std::size_t>(task.index_of[at]) + column);
    }
    move_down(rows, kept1, bit1);
    move_down(rows, kept2, bit2);
    move_down(rows, kept4, bit4);
    move_down(rows, kept8, bit8);
    if (i0 < 0) continue;
    float* out = task.out + static_cast<std::size_t>(i0) * task.out_stride + column;
    const auto left = static_cast<std::size_t>(count - i0);
    for (std::size_t i = 0; i < kShearRows; ++i, out += task.out_stride) {
      if (i < left) hn::StoreU(hn::Add(hn::LoadU(d, out), rows[i]), d, out);
    }
  }
}

inline void add_sheared(const ShearTask& task) {
  const std::size_t lanes = hn::Lanes(F32());
  for (std::size_t column = 0; column < kShearColumns; column += lanes) add_sheared_lanes(task, column);
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
