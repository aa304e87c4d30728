// The small product of the attention kernel, compiled once per instruction set (Highway).
// Include guard toggled per target, as Highway's skeleton does.
#if defined(BERTA_KERNELS_GEMM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_GEMM_INL_H_
#undef BERTA_KERNELS_GEMM_INL_H_
#else
#define BERTA_KERNELS_GEMM_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F32 = hn::ScalableTag<float>;

/// Rows of one register tile. With 32 vector registers 6 x 4 sums leave room for 4 vectors of B and one of A,
/// and 24 independent chains hide the latency of a fused multiply-add (4-5 cycles, 1-2 a cycle); with 16
/// registers 6 x 2 do.
inline constexpr std::size_t kTileRows = 6;
inline constexpr std::size_t kTileVectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

struct Product {
  const float* a;  // [rows, inner], a_stride between rows
  std::size_t a_stride;
  const float*
      b;  // [inner, columns], b_stride between rows; readable up to a whole vector past the last column
  std::size_t b_stride;
  float* c;  // [rows, columns], c_stride; writable up to a whole vector past the last column
  std::size_t c_stride;
  std::size_t inner;
};

template <std::size_t kRows, std::size_t kVectors, bool kAdd>
HWY_INLINE void multiply_tile(const Product& p, std::size_t row, std::size_t column) {
  const F32 d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<F32> sum[kRows][kVectors];
  float* c = p.c + row * p.c_stride + column;
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      sum[r][v] = kAdd ? hn::LoadU(d, c + r * p.c_stride + v * lanes) : hn::Zero(d);
    }
  }
  const float* a = p.a + row * p.a_stride;
  const float* b = p.b + column;
  for (std::size_t k = 0; k < p.inner; ++k, b += p.b_stride) {
    hn::Vec<F32> bv[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) bv[v] = hn::LoadU(d, b + v * lanes);
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto av = hn::Set(d, a[r * p.a_stride + k]);
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(av, bv[v], sum[r][v]);
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(sum[r][v], d, c + r * p.c_stride + v * lanes);
  }
}

template <std::size_t kRows, bool kAdd>
HWY_INLINE void multiply_rows(const Product& p, std::size_t row, std::size_t columns) {
  const std::size_t lanes = hn::Lanes(F32());
  std::size_t column = 0;
  for (; column + kTileVectors * lanes <= columns; column += kTileVectors * lanes) {
    multiply_tile<kRows, kTileVectors, kAdd>(p, row, column);
  }
  for (; column < columns; column += lanes) multiply_tile<kRows, 1, kAdd>(p, row, column);
}

/// c = a b, or c += a b, for `rows` rows and `columns` columns.
template <bool kAdd>
HWY_INLINE void multiply(const Product& p, std::size_t rows, std::size_t columns) {
  std::size_t row = 0;
  for (; row + kTileRows <= rows; row += kTileRows) multiply_rows<kTileRows, kAdd>(p, row, columns);
  switch (rows - row) {
    case 5:
      return multiply_rows<5, kAdd>(p, row, columns);
    case 4:
      return multiply_rows<4, kAdd>(p, row, columns);
    case 3:
      return multiply_rows<3, kAdd>(p, row, columns);
    case 2:
      return multiply_rows<2, kAdd>(p, row, columns);
    case 1:
      return multiply_rows<1, kAdd>(p, row, columns);
    default:
      return;
  }
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
