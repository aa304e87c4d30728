#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/gemm.h"

namespace berta::kernels {
namespace {

/// Word k of one output's row.
std::uint32_t f32_word(const float* row, std::size_t, std::size_t k) {
  return std::bit_cast<std::uint32_t>(row[k]);
}

std::uint32_t bf16_word(const float* row, std::size_t in, std::size_t k) {
  return bf16_pair(row, in, k);
}

template <class Word>
void pack_words(const PackTask& task, const Word& word) {
  const std::size_t words = words_of(task.in, task.format);
  const std::size_t first = task.panel * kPanel;
  const std::size_t outputs = std::min(kPanel, task.out - first);
  for (std::size_t o = 0; o < outputs; ++o) {
    const float* row = task.weight + (first + o) * task.in;
    for (std::size_t k = 0; k < words; ++k) task.words[k * kPanel + o] = word(row, task.in, k);
  }
  for (std::size_t o = outputs; o < kPanel; ++o) {
    for (std::size_t k = 0; k < words; ++k) task.words[k * kPanel + o] = 0;
  }
}

/// Quantises one output's row into column `o` of the panel.
void pack_int8(const PackTask& task, std::size_t o) {
  const float* row = task.weight + (task.panel * kPanel + o) * task.in;
  float largest = 0;
  for (std::size_t i = 0; i < task.in; ++i) largest = std::max(largest, std::abs(row[i]));
  const float scale = largest > 0 ? largest / 127 : 1;
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < words_of(task.in, Format::int8); ++k) {
    std::uint32_t word = 0;
    for (std::size_t i = 4 * k; i < std::min(4 * k + 4, task.in); ++i) {
      const auto q = static_cast<std::int32_t>(std::lrint(row[i] / scale));
      sum += q;
      word |= (static_cast<std::uint32_t>(q) & 0xFFu) << (8 * (i % 4));
    }
    task.words[k * kPanel + o] = word;
  }
  task.scales[o] = scale;
  task.sums[o] = sum;
}

}  // namespace

void pack_panel(const PackTask& task) {
  if (task.format == Format::f32) return pack_words(task, f32_word);
  if (task.format == Format::bf16) return pack_words(task, bf16_word);
  const std::size_t outputs = std::min(kPanel, task.out - task.panel * kPanel);
  std::fill_n(task.words, words_of(task.in, Format::int8) * kPanel, 0u);
  std::fill_n(task.scales, kPanel, 0.0f);
  std::fill_n(task.sums, kPanel, 0);
  for (std::size_t o = 0; o < outputs; ++o) pack_int8(task, o);
}

}  // namespace berta::kernels
