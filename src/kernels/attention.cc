#include "kernels/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <limits>

#include "kernels/gemm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// A tile of scores, its two position terms and the value rows it needs stay in a 1 MB second-level cache
/// with room for the table: 64 x 64 scores are 16 KB, 64 value rows of 64 another 16 KB.
constexpr std::size_t kQueryTile = 64;
constexpr std::size_t kKeyTile = 64;
/// Rows that share one window of the relative table: a group of g rows against t others needs g + t - 1 table
/// rows, so small groups waste little; twice the register tile's rows keep its inner loop full.
constexpr std::size_t kGroup = 2 * kTileRows;

constexpr std::size_t padded(std::size_t count) {
  return (count + kSlack - 1) / kSlack * kSlack + kSlack;
}

struct Window {
  std::int32_t first;
  std::int32_t last;
};

/// Table rows that distances [low, high] read.
HWY_INLINE Window window(const std::int32_t* relative, std::int32_t low, std::int32_t high) {
  Window w{relative[low], relative[low]};
  for (std::int32_t distance = low; distance <= high; ++distance) {
    w.first = std::min(w.first, relative[distance]);
    w.last = std::max(w.last, relative[distance]);
  }
  return w;
}

/// One tile: queries [q0, q0 + queries) against keys [k0, k0 + keys).
struct Tile {
  std::size_t q0, queries, k0, keys;
  std::int32_t lowest, highest;  // positions of the tile's queries
};

constexpr std::size_t kScoreStride = kKeyTile + kSlack;

/// S += Q Kr^T at d(q, k), a group of queries at a time.
void add_content_to_position(const AttentionTask& task, AttentionScratch& scratch, const Tile& tile) {
  for (std::size_t g = 0; g < tile.queries; g += kGroup) {
    const std::size_t count = std::min(kGroup, tile.queries - g);
    const std::int32_t* at = task.query_positions + tile.q0 + g;
    const auto [low, high] = std::minmax_element(at, at + count);
    const auto k0 = static_cast<std::int32_t>(tile.k0);
    const auto k1 = static_cast<std::int32_t>(tile.k0 + tile.keys) - 1;
    const Window w = window(task.relative, *low - k1, *high - k0);
    const auto width = static_cast<std::size_t>(w.last - w.first + 1);
    const std::size_t stride = padded(width);
    multiply<false>({.a = task.query + (tile.q0 + g) * task.query_stride,
                     .a_stride = task.query_stride,
                     .b = task.position_key + w.first,
                     .b_stride = task.table_stride,
                     .c = scratch.positions.data(),
                     .c_stride = stride,
                     .inner = task.head_size},
                    count, width);
    for (std::size_t i = 0; i < count; ++i) {
      float* score = scratch.scores.data() + (g + i) * kScoreStride;
      const float* term = scratch.positions.data() + i * stride - w.first;
      const std::int32_t* row = task.relative + (at[i] - k0);
      for (std::size_t k = 0; k < tile.keys; ++k) score[k] += term[row[-static_cast<std::ptrdiff_t>(k)]];
    }
  }
}

/// S += K Qr^T at d(q, k), a group of keys at a time.
void add_position_to_content(const AttentionTask& task, AttentionScratch& scratch, const Tile& tile) {
  for (std::size_t g = 0; g < tile.keys; g += kGroup) {
    const std::size_t count = std::min(kGroup, tile.keys - g);
    const auto k0 = static_cast<std::int32_t>(tile.k0 + g);
    const auto k1 = k0 + static_cast<std::int32_t>(count) - 1;
    const Window w = window(task.relative, tile.lowest - k1, tile.highest - k0);
    const auto width = static_cast<std::size_t>(w.last - w.first + 1);
    const std::size_t stride = padded(width);
    multiply<false>({.a = task.key + (tile.k0 + g) * task.key_stride,
                     .a_stride = task.key_stride,
                     .b = task.position_query + w.first,
                     .b_stride = task.table_stride,
                     .c = scratch.positions.data(),
                     .c_stride = stride,
                     .inner = task.head_size},
                    count, width);
    for (std::size_t q = 0; q < tile.queries; ++q) {
      float* score = scratch.scores.data() + q * kScoreStride + g;
      const float* term = scratch.positions.data() - w.first;
      const std::int32_t* row = task.relative + (task.query_positions[tile.q0 + q] - k0);
      for (std::size_t k = 0; k < count; ++k) {
        score[k] += term[k * stride + static_cast<std::size_t>(row[-static_cast<std::ptrdiff_t>(k)])];
      }
    }
  }
}

/// Online softmax: scores become exp(scale s - maximum), the running maximum, sum and value sums are
/// rescaled.
void soften(const AttentionTask& task, AttentionScratch& scratch, const Tile& tile) {
  const F32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t stride = padded(task.head_size);
  for (std::size_t q = 0; q < tile.queries; ++q) {
    float* score = scratch.scores.data() + q * kScoreStride;
    float& maximum = scratch.state[q];
    float& sum = scratch.state[kQueryTile + q];
    // Lanes behind the last key must not win the maximum and must add nothing.
    std::fill(score + tile.keys, score + (tile.keys + lanes - 1) / lanes * lanes,
              -std::numeric_limits<float>::infinity());
    auto largest = hn::Set(d, maximum / task.scale);
    for (std::size_t k = 0; k < tile.keys; k += lanes) largest = hn::Max(largest, hn::LoadU(d, score + k));
    const float next = hn::GetLane(hn::MaxOfLanes(d, largest)) * task.scale;
    auto total = hn::Zero(d);
    for (std::size_t k = 0; k < tile.keys; k += lanes) {
      const auto shifted = hn::MulSub(hn::LoadU(d, score + k), hn::Set(d, task.scale), hn::Set(d, next));
      // Below -104 exp is 0 in f32; the clamp keeps infinities out of Exp.
      const auto value = hn::IfThenElseZero(hn::Gt(shifted, hn::Set(d, -104.0f)),
                                            hn::Exp(d, hn::Max(shifted, hn::Set(d, -104.0f))));
      hn::StoreU(value, d, score + k);
      total = hn::Add(total, value);
    }
    const float shrink = std::exp(maximum - next);
    sum = sum * shrink + hn::GetLane(hn::SumOfLanes(d, total));
    maximum = next;
    float* out = scratch.sums.data() + q * stride;
    for (std::size_t i = 0; i < task.head_size; i += lanes) {
      hn::StoreU(hn::Mul(hn::LoadU(d, out + i), hn::Set(d, shrink)), d, out + i);
    }
  }
}

void transpose_keys(const AttentionTask& task, AttentionScratch& scratch) {
  const std::size_t stride = padded(task.key_count);
  for (std::size_t k0 = 0; k0 < task.key_count;
       k0 += kSlack) {  // a cache line of each transposed row at a time
    const std::size_t k1 = std::min(k0 + kSlack, task.key_count);
    for (std::size_t i = 0; i < task.head_size; ++i) {
      for (std::size_t k = k0; k < k1; ++k) scratch.keys[i * stride + k] = task.key[k * task.key_stride + i];
    }
  }
}

void grow(AlignedBuffer<float>& buffer, std::size_t size) {
  if (buffer.size() < size) {
    buffer = AlignedBuffer<float>(size);
    std::fill_n(buffer.data(), size, 0.0f);
  }
}

void prepare(const AttentionTask& task, AttentionScratch& scratch) {
  const std::size_t table = std::max(kQueryTile, task.table_stride);
  grow(scratch.keys, task.head_size * padded(task.key_count));
  grow(scratch.scores, kQueryTile * kScoreStride);
  grow(scratch.positions, kGroup * padded(table));
  grow(scratch.sums, kQueryTile * padded(task.head_size));
  grow(scratch.state, 2 * kQueryTile);
}

void run_tile(const AttentionTask& task, AttentionScratch& scratch, const Tile& tile) {
  multiply<false>({.a = task.query + tile.q0 * task.query_stride,
                   .a_stride = task.query_stride,
                   .b = scratch.keys.data() + tile.k0,
                   .b_stride = padded(task.key_count),
                   .c = scratch.scores.data(),
                   .c_stride = kScoreStride,
                   .inner = task.head_size},
                  tile.queries, tile.keys);
  if (task.position_key != nullptr) add_content_to_position(task, scratch, tile);
  if (task.position_query != nullptr) add_position_to_content(task, scratch, tile);
  soften(task, scratch, tile);
  multiply<true>({.a = scratch.scores.data(),
                  .a_stride = kScoreStride,
                  .b = task.value + tile.k0 * task.key_stride,
                  .b_stride = task.key_stride,
                  .c = scratch.sums.data(),
                  .c_stride = padded(task.head_size),
                  .inner = tile.keys},
                 tile.queries, task.head_size);
}

void attention_on_target(const AttentionTask& task, AttentionScratch& scratch) {
  prepare(task, scratch);
  transpose_keys(task, scratch);
  const std::size_t stride = padded(task.head_size);
  for (std::size_t q0 = 0; q0 < task.query_count; q0 += kQueryTile) {
    const std::size_t queries = std::min(kQueryTile, task.query_count - q0);
    std::fill_n(scratch.state.data(), kQueryTile, std::numeric_limits<float>::lowest());
    std::fill_n(scratch.state.data() + kQueryTile, kQueryTile, 0.0f);
    std::fill_n(scratch.sums.data(), queries * stride, 0.0f);
    const std::int32_t* at = task.query_positions + q0;
    const auto [low, high] = std::minmax_element(at, at + queries);
    for (std::size_t k0 = 0; k0 < task.key_count; k0 += kKeyTile) {
      const std::size_t keys = std::min(kKeyTile, task.key_count - k0);
      run_tile(task, scratch,
               {.q0 = q0, .queries = queries, .k0 = k0, .keys = keys, .lowest = *low, .highest = *high});
    }
    for (std::size_t q = 0; q < queries; ++q) {
      const float scale = 1 / scratch.state[kQueryTile + q];
      const float* from = scratch.sums.data() + q * stride;
      float* to = task.out + (q0 + q) * task.out_stride;
      for (std::size_t i = 0; i < task.head_size; ++i) to[i] = from[i] * scale;
    }
  }
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(attention_on_target);

void attention(const AttentionTask& task, AttentionScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(attention_on_target)(task, scratch);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
