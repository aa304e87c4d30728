#pragma once

#include <cstddef>
#include <cstdint>

#include "core/half.h"

namespace berta::kernels {

/// Number format of a product's inputs. Kernels move them as 32-bit words along the inner dimension: one
/// float, two bfloat16 or four 8-bit integers; sums are 32 bits wide in all.
enum class Format : std::uint8_t { f32, bf16, int8 };

constexpr std::size_t per_word(Format format) {
  return format == Format::f32 ? 1 : format == Format::bf16 ? 2 : 4;
}

/// Words that `count` numbers take; the last one is filled with zeros.
constexpr std::size_t words_of(std::size_t count, Format format) {
  return (count + per_word(format) - 1) / per_word(format);
}

/// Words that vector loads and stores may touch behind the last one of a row: the widest vector.
inline constexpr std::size_t kSlack = 16;

/// Word w of a row in bf16: numbers 2 w and 2 w + 1, zero behind the end.
inline std::uint32_t bf16_pair(const float* row, std::size_t count, std::size_t w) {
  const std::uint32_t high = 2 * w + 1 < count ? float_to_bfloat16(row[2 * w + 1]) : 0;
  return float_to_bfloat16(row[2 * w]) | (high << 16);
}

/// Rows of f32 to words. bf16 rounds to nearest even. int8: u = round(x / scale) + 128 with scale = max |x| /
/// 127 of the row (1 for a row of zeros), so that unsigned by signed products of VNNI can be used.
struct ConvertTask {
  const float* x;
  std::size_t x_stride;
  std::size_t rows;
  std::size_t columns;
  Format format;       // bf16 or int8
  std::uint32_t* out;  // [rows, out_stride], out_stride >= words_of(columns)
  std::size_t out_stride;
  float* scales;  // [rows], int8 only
};
void convert_rows(const ConvertTask& task);

}  // namespace berta::kernels
