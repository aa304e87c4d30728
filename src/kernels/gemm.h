#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/words.h"

namespace berta::kernels {

/// Outputs of a weight matrix that lie together. 48 words are three vectors of AVX-512 (six of AVX2): with 8
/// rows of input they make the register tile, and 48 divides the widths of the family (384, 768, 1536, 2304,
/// 3072).
inline constexpr std::size_t kPanel = 48;

constexpr std::size_t panels_of(std::size_t outputs) {
  return (outputs + kPanel - 1) / kPanel;
}

/// Packs rows of a weight, one an output, into one panel [words_of(in), kPanel]. int8: q = round(w / scale),
/// scale = max |w| / 127 of the output; `scales` and `sums` (of the q of an output, for the offset of 128 in
/// the inputs) have kPanel entries. Outputs beyond `outputs` become zero.
struct PackTask {
  const float* rows;    // [outputs, in]
  std::size_t outputs;  // at most kPanel
  std::size_t in;
  Format format;
  std::uint32_t* words;
  float* scales;       // int8 only
  std::int32_t* sums;  // int8 only
};
void pack_panel(const PackTask& task);

/// What happens to the sums of a product before they are stored.
enum class Finish : std::uint8_t { bias, bias_gelu };

/// y = finish(x W^T) for some rows and one panel of outputs. Each output is one chain of multiply-adds over
/// the inner dimension, so its bits depend on its row and column alone, not on what else is computed.
struct PanelTask {
  Format format;
  const std::uint32_t* x;  // [rows, x_stride] words
  std::size_t x_stride;
  const float* x_scales;  // [rows], int8 only
  std::size_t rows;
  const std::uint32_t* panel;       // [inner, kPanel] words
  const std::uint32_t* next_panel;  // of the same size, brought into the cache meanwhile; or null
  std::size_t inner;
  const float* scales;       // [kPanel], int8 only
  const std::int32_t* sums;  // [kPanel], int8 only
  const float* bias;         // [kPanel]
  Finish finish;
  float* y;  // [rows, y_stride], at the panel's first column
  std::size_t y_stride;
  std::size_t columns;  // of the panel that exist, at most kPanel
};
void multiply_panel(const PanelTask& task);

}  // namespace berta::kernels
