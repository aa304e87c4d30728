#include "kernels/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <algorithm>
#include <bit>
#include <limits>

#include "kernels/attention_pack-inl.h"
#include "kernels/cpu_features.h"
#include "kernels/math-inl.h"
#include "kernels/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// Terms of a group: entry r of row i is first[i * stride + r], r a row of the relative table.
struct Terms {
  const float* first;
  std::size_t stride;
  bool linear;  ///< the table row grows by one with the distance, all over the group's distances
};

/// One head's run over formats of the products.
template <class Dot>
class Attention {
 public:
  Attention(const AttentionTask& task, AttentionScratch& scratch)
      : task_(task), scratch_(scratch), packed_(pack_inputs(task, scratch)) {}

  void run() {
    for (std::size_t q0 = 0; q0 < task_.query_count; q0 += kQueryTile) {
      start_tile(q0);
      for (std::size_t k0 = 0; k0 < task_.key_count; k0 += kKeyTile) {
        const std::size_t keys = std::min(kKeyTile, task_.key_count - k0);
        score_tile(k0, keys);
        soften(keys);
        mix_tile(k0, keys);
      }
      finish_tile(q0);
    }
  }

 private:
  void start_tile(std::size_t q0) {
    queries_ = std::min(kQueryTile, task_.query_count - q0);
    at_ = task_.query_positions + q0;
    const auto [low, high] = std::minmax_element(at_, at_ + queries_);
    lowest_ = *low;
    highest_ = *high;
    rows_ = query_rows(task_, scratch_, q0, queries_);
    std::fill_n(scratch_.state.data(), kQueryTile, std::numeric_limits<float>::lowest());
    std::fill_n(scratch_.state.data() + kQueryTile, kQueryTile, 0.0f);
    std::fill_n(scratch_.sums.data(), queries_ * sum_stride(task_), 0.0f);
  }

  /// S = Q K^T + Q Kr^T at d(q, k) + K Qr^T at d(q, k).
  void score_tile(std::size_t k0, std::size_t keys) {
    multiply<Dot, false>({.a = rows_.data,
                          .a_stride = rows_.stride,
                          .b = scratch_.keys.data() + k0,
                          .b_stride = padded(task_.key_count),
                          .c = scratch_.scores.data(),
                          .c_stride = kScoreStride,
                          .inner = packed_.head_words},
                         queries_, keys);
    if (task_.position_key != nullptr) {
      for (std::size_t g = 0; g < queries_; g += kGroup) add_content_to_position(g, k0, keys);
    }
    if (task_.position_query != nullptr) {
      for (std::size_t g = 0; g < keys; g += kGroup)
        add_position_to_content(g, k0, std::min(kGroup, keys - g));
    }
  }

  /// Products of `count` rows with the table rows that distances [low, high] read, into scratch.positions.
  Terms multiply_table(const std::uint32_t* table, const RowWords& rows, std::size_t count, std::int32_t low,
                       std::int32_t high) {
    std::int32_t first = task_.relative[low];
    std::int32_t last = task_.relative[high];
    const bool linear = task_.steady && last - first == high - low;
    if (!task_.steady) {
      const auto [least, most] = std::minmax_element(task_.relative + low, task_.relative + high + 1);
      first = *least;
      last = *most;
    }
    const auto width = static_cast<std::size_t>(last - first) + 1;
    const std::size_t stride = padded(width);
    // kSlack floats stay free in front: reversed vectors begin before the first term.
    multiply<Dot, false>({.a = rows.data,
                          .a_stride = rows.stride,
                          .b = table + first,
                          .b_stride = task_.table_stride,
                          .c = scratch_.positions.data() + kSlack,
                          .c_stride = stride,
                          .inner = packed_.head_words},
                         count, width);
    return {scratch_.positions.data() + kSlack - first, stride, linear};
  }

  /// S += Q Kr^T at d(q, k) for the group of queries from g.
  void add_content_to_position(std::size_t g, std::size_t k0, std::size_t keys) {
    const F32 d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t count = std::min(kGroup, queries_ - g);
    const auto [low, high] = std::minmax_element(at_ + g, at_ + g + count);
    const auto from = static_cast<std::int32_t>(k0);
    const auto to = static_cast<std::int32_t>(k0 + keys) - 1;
    const Terms terms = multiply_table(task_.position_key, rows_.from(g), count, *low - to, *high - from);
    for (std::size_t i = 0; i < count; ++i) {
      float* HWY_RESTRICT score = scratch_.scores.data() + (g + i) * kScoreStride;
      const float* HWY_RESTRICT term = terms.first + i * terms.stride;
      const std::int32_t* row = task_.relative + (at_[g + i] - from);
      if (terms.linear) {  // a later key reads the row before: whole vectors, reversed
        const float* last = term + *row - (lanes - 1);
        for (std::size_t k = 0; k < keys; k += lanes) {
          const auto reversed = hn::Reverse(d, hn::LoadU(d, last - k));
          hn::StoreU(hn::Add(hn::LoadU(d, score + k), reversed), d, score + k);
        }
      } else {
        for (std::size_t k = 0; k < keys; ++k) score[k] += term[row[-static_cast<std::ptrdiff_t>(k)]];
      }
    }
  }

  /// S += K Qr^T at d(q, k) for the group of `count` keys from k0 + g.
  void add_position_to_content(std::size_t g, std::size_t k0, std::size_t count) {
    const auto from = static_cast<std::int32_t>(k0 + g);
    const auto to = from + static_cast<std::int32_t>(count) - 1;
    const Terms terms =
        multiply_table(task_.position_query, packed_.keys.from(k0 + g), count, lowest_ - to, highest_ - from);
    for (std::size_t q = 0; q < queries_; ++q) {
      float* HWY_RESTRICT score = scratch_.scores.data() + q * kScoreStride + g;
      const float* HWY_RESTRICT term = terms.first;
      const std::int32_t* row = task_.relative + (at_[q] - from);
      if (terms.linear) {
        term += *row;
        for (std::size_t k = 0; k < count; ++k) score[k] += term[k * (terms.stride - 1)];
      } else {
        for (std::size_t k = 0; k < count; ++k) {
          score[k] += term[k * terms.stride + static_cast<std::size_t>(row[-static_cast<std::ptrdiff_t>(k)])];
        }
      }
    }
  }

  /// Online softmax: scores become exp(scale s - maximum); the running maximum, sum and value sums are
  /// rescaled.
  void soften(std::size_t keys) {
    const F32 d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t q = 0; q < queries_; ++q) {
      float* score = scratch_.scores.data() + q * kScoreStride;
      float& maximum = scratch_.state[q];
      // Lanes behind the last key must not win the maximum and must add nothing.
      std::fill(score + keys, score + (keys + kSlack - 1) / kSlack * kSlack,
                -std::numeric_limits<float>::infinity());
      auto largest = hn::LoadU(d, score);
      for (std::size_t k = lanes; k < keys; k += lanes) largest = hn::Max(largest, hn::LoadU(d, score + k));
      const float next = std::max(maximum, hn::GetLane(hn::MaxOfLanes(d, largest)) * task_.scale);
      const float shrink = std::exp(maximum - next);
      scratch_.state[kQueryTile + q] =
          scratch_.state[kQueryTile + q] * shrink + exponentials(score, keys, next);
      maximum = next;
      if (shrink == 1) continue;
      float* out = scratch_.sums.data() + q * sum_stride(task_);
      for (std::size_t i = 0; i < task_.head_size; i += lanes) {
        hn::StoreU(hn::Mul(hn::LoadU(d, out + i), hn::Set(d, shrink)), d, out + i);
      }
    }
  }

  /// score = exp(scale score - maximum); returns the sum.
  float exponentials(float* score, std::size_t keys, float maximum) const {
    const F32 d;
    const std::size_t lanes = hn::Lanes(d);
    auto total = hn::Zero(d);
    for (std::size_t k = 0; k < keys; k += lanes) {
      const auto shifted = hn::MulSub(hn::LoadU(d, score + k), hn::Set(d, task_.scale), hn::Set(d, maximum));
      // Below -104 exp is 0 in f32; the clamp keeps infinities out of Exp.
      const auto value = hn::IfThenElseZero(hn::Gt(shifted, hn::Set(d, -104.0f)),
                                            hn::Exp(d, hn::Max(shifted, hn::Set(d, -104.0f))));
      hn::StoreU(value, d, score + k);
      total = hn::Add(total, value);
    }
    return hn::GetLane(hn::SumOfLanes(d, total));
  }

  /// The value sums += probabilities V.
  void mix_tile(std::size_t k0, std::size_t keys) {
    const RowWords probabilities = probability_rows(task_, scratch_, queries_, keys);
    multiply<Dot, true>({.a = probabilities.data,
                         .a_stride = probabilities.stride,
                         .b = packed_.values.from(k0 / per_word(task_.format)).data,
                         .b_stride = packed_.values.stride,
                         .c = scratch_.sums.data(),
                         .c_stride = sum_stride(task_),
                         .inner = words_of(keys, task_.format)},
                        queries_, task_.head_size);
  }

  void finish_tile(std::size_t q0) {
    for (std::size_t q = 0; q < queries_; ++q) {
      const float scale = 1 / scratch_.state[kQueryTile + q];
      const float* from = scratch_.sums.data() + q * sum_stride(task_);
      float* to = task_.out + (q0 + q) * task_.out_stride;
      for (std::size_t i = 0; i < task_.head_size; ++i) to[i] = from[i] * scale;
    }
  }

  const AttentionTask& task_;
  AttentionScratch& scratch_;
  const PackedInputs packed_;
  // The tile of queries at work:
  std::size_t queries_ = 0;
  const std::int32_t* at_ = nullptr;  // positions
  std::int32_t lowest_ = 0;
  std::int32_t highest_ = 0;
  RowWords rows_;
};

void attention_on_target(const AttentionTask& task, AttentionScratch& scratch) {
  if (task.format == Format::f32) return Attention<DotF32>(task, scratch).run();
#if HWY_TARGET == HWY_AVX3_DL
  if (has_native_bf16()) return Attention<DotBf16Native>(task, scratch).run();
#endif
  Attention<DotBf16>(task, scratch).run();
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(attention_on_target);

void attention(const AttentionTask& task, AttentionScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(attention_on_target)(task, scratch);
}

void pack_table(const TableTask& task) {
  const std::size_t words = words_of(task.head_size, task.format);
  for (std::size_t row = 0; row < task.count; ++row) {
    const float* x = task.rows + row * task.row_stride;
    for (std::size_t w = 0; w < words; ++w) {
      task.out[w * task.stride + row] =
          task.format == Format::f32 ? std::bit_cast<std::uint32_t>(x[w]) : bf16_pair(x, task.head_size, w);
    }
  }
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
