// Products of matrices that lie in cache, compiled once per instruction set. Include guard toggled per
// target.
#if defined(BERTA_KERNELS_SMALL_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_SMALL_PRODUCT_INL_H_
#undef BERTA_KERNELS_SMALL_PRODUCT_INL_H_
#else
#define BERTA_KERNELS_SMALL_PRODUCT_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A matrix of which single elements are read, so that its transpose costs nothing.
template <class T>
struct Elements {
  const T* data;
  std::size_t row;     ///< from one row to the next
  std::size_t column;  ///< from one column to the next

  Elements transposed() const { return {data, column, row}; }
};

/// Rows that are read and written as vectors: their columns are padded to whole vectors.
template <class T>
struct VectorRows {
  T* data;
  std::size_t stride;

  T* row(std::size_t i) const { return data + i * stride; }
  VectorRows from(std::size_t i, std::size_t column = 0) const {
    return {data + i * stride + column, stride};
  }
};

/// C += A B for kRows rows and kVectors vectors of columns.
template <class T, std::size_t kRows, std::size_t kVectors>
HWY_INLINE void add_product_tile(const Elements<T>& a, const VectorRows<T>& b, const VectorRows<T>& c,
                                 std::size_t inner) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<hn::ScalableTag<T>> sums[kRows][kVectors];
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t v = 0; v < kVectors; ++v) sums[i][v] = hn::LoadU(d, c.row(i) + v * lanes);
  }
  const T* a_at = a.data;
  const T* b_at = b.data;
  for (std::size_t k = 0; k < inner; ++k, a_at += a.column, b_at += b.stride) {
    hn::Vec<hn::ScalableTag<T>> line[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) line[v] = hn::LoadU(d, b_at + v * lanes);
    for (std::size_t i = 0; i < kRows; ++i) {
      const auto x = hn::Set(d, a_at[i * a.row]);
      for (std::size_t v = 0; v < kVectors; ++v) sums[i][v] = hn::MulAdd(x, line[v], sums[i][v]);
    }
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(sums[i][v], d, c.row(i) + v * lanes);
  }
}

template <class T, std::size_t kVectors>
HWY_INLINE void add_product_columns(Elements<T> a, const VectorRows<T>& b, VectorRows<T> c, std::size_t rows,
                                    std::size_t inner) {
  // 6 rows of 4 vectors are 24 sums beside 4 vectors of B, of 32 registers; machines with 16 get 2 vectors.
  for (; rows >= 6; rows -= 6, a.data += 6 * a.row, c = c.from(6))
    add_product_tile<T, 6, kVectors>(a, b, c, inner);
  for (; rows >= 2; rows -= 2, a.data += 2 * a.row, c = c.from(2))
    add_product_tile<T, 2, kVectors>(a, b, c, inner);
  if (rows == 1) add_product_tile<T, 1, kVectors>(a, b, c, inner);
}

/// C += A B, A [rows, inner], B [inner, columns], C [rows, columns]; B and C have readable and (C) writable
/// columns up to the next whole vector.
template <class T>
HWY_INLINE void add_product(const Elements<T>& a, const VectorRows<T>& b, const VectorRows<T>& c,
                            std::size_t rows, std::size_t columns, std::size_t inner) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t v = 0;
#if HWY_TARGET <= HWY_AVX3
  for (; v + 3 * lanes < columns; v += 4 * lanes) {
    add_product_columns<T, 4>(a, b.from(0, v), c.from(0, v), rows, inner);
  }
#endif
  for (; v + lanes < columns; v += 2 * lanes)
    add_product_columns<T, 2>(a, b.from(0, v), c.from(0, v), rows, inner);
  for (; v < columns; v += lanes) add_product_columns<T, 1>(a, b.from(0, v), c.from(0, v), rows, inner);
}

#if HWY_TARGET != HWY_SCALAR
/// Four rows and columns of a transpose.
HWY_INLINE void transpose_block(const float* from, std::size_t from_stride, float* to,
                                std::size_t to_stride) {
  const hn::FixedTag<float, 4> d;
  const hn::RepartitionToWide<decltype(d)> pairs;
  const auto as_pairs = [&](auto v) HWY_ATTR { return hn::BitCast(pairs, v); };
  const auto row0 = hn::LoadU(d, from), row1 = hn::LoadU(d, from + from_stride);
  const auto row2 = hn::LoadU(d, from + 2 * from_stride), row3 = hn::LoadU(d, from + 3 * from_stride);
  const auto low01 = as_pairs(hn::InterleaveLower(d, row0, row1));
  const auto low23 = as_pairs(hn::InterleaveLower(d, row2, row3));
  const auto high01 = as_pairs(hn::InterleaveUpper(d, row0, row1));
  const auto high23 = as_pairs(hn::InterleaveUpper(d, row2, row3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, to + to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, to + 2 * to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, to + 3 * to_stride);
}

#endif

/// to[c][r] = from[r][c] for r < rows and c < columns.
template <class T>
void transpose(const VectorRows<T>& from, std::size_t rows, std::size_t columns, const VectorRows<T>& to) {
  std::size_t whole_rows = 0, whole_columns = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr std::size_t kBlock = 4;
  if constexpr (sizeof(T) == sizeof(float)) {
    whole_rows = rows / kBlock * kBlock, whole_columns = columns / kBlock * kBlock;
    for (std::size_t r = 0; r < whole_rows; r += kBlock) {
      for (std::size_t c = 0; c < whole_columns; c += kBlock)
        transpose_block(from.row(r) + c, from.stride, to.row(c) + r, to.stride);
    }
  }
#endif
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c) to.row(c)[r] = from.row(r)[c];
  }
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
