// The register tile that every product is made of, compiled once per instruction set. Include guard toggled
// per target.
#if defined(BERTA_KERNELS_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_PRODUCT_INL_H_
#undef BERTA_KERNELS_PRODUCT_INL_H_
#else
#define BERTA_KERNELS_PRODUCT_INL_H_
#endif

#include <cstddef>
#include <cstring>
#include <utility>

#include "kernels/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// Sums of one register tile. With 32 vector registers 8 x 3 sums leave room for 3 words of b and one of a,
/// and 24 independent chains hide the latency of a multiply-add (4-5 cycles, 1-2 a cycle); 16 registers hold
/// 4 x 3.
inline constexpr std::size_t kTileRows = HWY_TARGET <= HWY_AVX3 || !HWY_ARCH_X86 ? 8 : 4;
inline constexpr std::size_t kTileVectors = 3;
static_assert(kTileVectors == 3, "multiply_rows chooses among 3, 2 and 1");

/// c = a b.   a [rows, inner] words, b [inner, columns] words, c [rows, columns] of 32 bits.
/// b is readable, and c writable, up to a whole vector behind the last column.
struct Product {
  const std::uint32_t* a;
  std::size_t a_stride;
  const std::uint32_t* b;
  std::size_t b_stride;
  float* c;
  std::size_t c_stride;
  std::size_t inner;
};

/// A word that may have been stored as a float.
HWY_INLINE std::uint32_t load_word(const std::uint32_t* from) {
  std::uint32_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// Nothing to do at the steps of a tile.
struct NoStep {
  HWY_INLINE void operator()(std::size_t) const {}
};

/// The sums of a tile of kRows x kVectors, handed to finish(row, vector, sum); step(k) is called on the way.
template <class Dot, std::size_t kRows, std::size_t kVectors, class Start, class Finish, class Step = NoStep>
HWY_INLINE void run_tile(const std::uint32_t* HWY_RESTRICT a, std::size_t a_stride,
                         const std::uint32_t* HWY_RESTRICT b, std::size_t b_stride, std::size_t inner,
                         const Start& start, const Finish& finish, const Step& step = {}) {
  const U32 d;
  const std::size_t lanes = hn::Lanes(d);
  typename Dot::Sum sum[kRows][kVectors];
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = start(r, v);
  }
  for (std::size_t k = 0; k < inner; ++k, b += b_stride) {
    step(k);
    Words bv[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) bv[v] = hn::LoadU(d, b + v * lanes);
    for (std::size_t r = 0; r < kRows; ++r) {
      const Words av = hn::Set(d, load_word(a + r * a_stride + k));
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = Dot::dot(sum[r][v], av, bv[v]);
    }
  }
  // Not a loop: where finish() is long the compiler would keep it one, and with it all sums in memory.
  [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) HWY_ATTR {
    (finish(kIndex / kVectors, kIndex % kVectors, sum[kIndex / kVectors][kIndex % kVectors]), ...);
  }
  (std::make_index_sequence<kRows * kVectors>());
}

template <class Dot, std::size_t kRows, std::size_t kVectors, bool kAdd>
HWY_INLINE void multiply_tile(const Product& p, std::size_t row, std::size_t column) {
  const F32 d;
  const std::size_t lanes = hn::Lanes(d);
  float* c = p.c + row * p.c_stride + column;
  run_tile<Dot, kRows, kVectors>(
      p.a + row * p.a_stride, p.a_stride, p.b + column, p.b_stride, p.inner,
      [&](std::size_t r, std::size_t v)
          HWY_ATTR { return kAdd ? hn::LoadU(d, c + r * p.c_stride + v * lanes) : Dot::zero(); },
      [&](std::size_t r, std::size_t v, typename Dot::Sum sum)
          HWY_ATTR { hn::StoreU(sum, d, c + r * p.c_stride + v * lanes); });
}

template <class Dot, std::size_t kRows, bool kAdd>
HWY_INLINE void multiply_rows(const Product& p, std::size_t row, std::size_t columns) {
  const std::size_t lanes = hn::Lanes(F32());
  for (std::size_t column = 0; column < columns; column += kTileVectors * lanes) {
    if (columns - column > 2 * lanes) {
      multiply_tile<Dot, kRows, 3, kAdd>(p, row, column);
    } else if (columns - column > lanes) {
      multiply_tile<Dot, kRows, 2, kAdd>(p, row, column);
    } else {
      multiply_tile<Dot, kRows, 1, kAdd>(p, row, column);
    }
  }
}

/// Calls body<kRows>(row) for tiles of 8 (or 4), 4, 2 and 1 rows that cover [0, rows).
template <class Body>
HWY_INLINE void for_row_tiles(std::size_t rows, const Body& body) {
  std::size_t row = 0;
  for (; row + kTileRows <= rows; row += kTileRows) body.template operator()<kTileRows>(row);
  if (kTileRows > 4 && row + 4 <= rows) {
    body.template operator()<4>(row);
    row += 4;
  }
  if (row + 2 <= rows) {
    body.template operator()<2>(row);
    row += 2;
  }
  if (row < rows) body.template operator()<1>(row);
}

/// c = a b, or c += a b, for float sums.
template <class Dot, bool kAdd>
HWY_INLINE void multiply(const Product& p, std::size_t rows, std::size_t columns) {
  for_row_tiles(rows, [&]<std::size_t kRows>(std::size_t row)
                          HWY_ATTR { multiply_rows<Dot, kRows, kAdd>(p, row, columns); });
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
