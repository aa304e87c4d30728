#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/gemm.h"

namespace berta::kernels {
namespace {

/// Stores word(output, k) of all outputs. Sixteen words of each row at a time: that is one cache line read a
/// row, and the 3 KB written stay in the first-level cache until they are whole.
template <class Word>
void pack_words(const PackTask& task, const Word& word) {
  constexpr std::size_t kBlock = 16;
  const std::size_t words = words_of(task.in, task.format);
  for (std::size_t first = 0; first < words; first += kBlock) {
    const std::size_t end = std::min(first + kBlock, words);
    std::uint32_t* block = task.words;
    for (std::size_t o = 0; o < task.outputs; ++o) {
      for (std::size_t k = first; k < end; ++k) block[k * kPanel + o] = word(o, k);
    }
    for (std::size_t k = first; k < end; ++k) {
      std::fill(block + k * kPanel + task.outputs, block + (k + 1) * kPanel, 0u);
    }
  }
}

/// Scales and sums of the outputs, and their rows as 8-bit numbers in words.
void pack_int8(const PackTask& task) {
  std::fill_n(task.scales, kPanel, 0.0f);
  std::fill_n(task.sums, kPanel, 0);
  for (std::size_t o = 0; o < task.outputs; ++o) {
    const float* row = task.rows + o * task.in;
    float largest = 0;
    for (std::size_t i = 0; i < task.in; ++i) largest = std::max(largest, std::abs(row[i]));
    task.scales[o] = largest > 0 ? largest / 127 : 1;
  }
  pack_words(task, [&](std::size_t o, std::size_t k) {
    const float* row = task.rows + o * task.in;
    std::uint32_t word = 0;
    for (std::size_t i = 4 * k; i < std::min(4 * k + 4, task.in); ++i) {
      const auto q = static_cast<std::int32_t>(std::lrint(row[i] / task.scales[o]));
      task.sums[o] += q;
      word |= (static_cast<std::uint32_t>(q) & 0xFFu) << (8 * (i % 4));
    }
    return word;
  });
}

}  // namespace

void pack_panel(const PackTask& task) {
  switch (task.format) {
    case Format::f32:
      return pack_words(task, [&](std::size_t o, std::size_t k) {
        return std::bit_cast<std::uint32_t>(task.rows[o * task.in + k]);
      });
    case Format::bf16:
      return pack_words(
          task, [&](std::size_t o, std::size_t k) { return bf16_pair(task.rows + o * task.in, task.in, k); });
    case Format::int8:
      return pack_int8(task);
  }
}

}  // namespace berta::kernels
