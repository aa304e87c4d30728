#include "kernels/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

#include "kernels/attention_pack-inl.h"
#include "kernels/cpu_features.h"
#include "kernels/math-inl.h"
#include "kernels/product-inl.h"
#include "kernels/shear-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

static_assert(kGroup == kShearColumns);

/// Rows of the relative table that some distances read.
struct Reach {
  std::int32_t first;
  std::size_t count;
  bool linear;  ///< the row grows by one with the distance, all over
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
    in_a_row_ = true;
    for (std::size_t q = 1; q < queries_; ++q) in_a_row_ = in_a_row_ && at_[q] == at_[q - 1] + 1;
    std::fill_n(scratch_.maxima.data(), kQueryTile, std::numeric_limits<float>::lowest());
    std::fill_n(scratch_.totals.data(), kQueryTile * kSlack, 0.0f);
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
      for (std::size_t g = 0; g < keys; g += kGroup) {
        add_position_to_content(g, k0, std::min(kGroup, keys - g));
      }
    }
  }

  Reach reach(std::int32_t low, std::int32_t high) const {
    std::int32_t first = task_.relative[low];
    std::int32_t last = task_.relative[high];
    if (!task_.steady) {
      const auto [least, most] = std::minmax_element(task_.relative + low, task_.relative + high + 1);
      first = *least;
      last = *most;
    }
    return {first, static_cast<std::size_t>(last - first) + 1, task_.steady && last - first == high - low};
  }

  /// S += Q Kr^T at d(q, k) for the group of queries from g.
  void add_content_to_position(std::size_t g, std::size_t k0, std::size_t keys) {
    const std::size_t count = std::min(kGroup, queries_ - g);
    const auto [low, high] = std::minmax_element(at_ + g, at_ + g + count);
    const auto from = static_cast<std::int32_t>(k0);
    const Reach rows = reach(*low - (from + static_cast<std::int32_t>(keys) - 1), *high - from);
    const std::size_t stride = padded(rows.count);
    // kSlack floats stay free in front: reversed vectors begin before the first term.
    float* terms = scratch_.positions.data() + kSlack;
    multiply<Dot, false>({.a = rows_.from(g).data,
                          .a_stride = rows_.stride,
                          .b = task_.position_key + rows.first,
                          .b_stride = task_.table_stride,
                          .c = terms,
                          .c_stride = stride,
                          .inner = packed_.head_words},
                         count, rows.count);
    for (std::size_t i = 0; i < count; ++i) {
      add_terms(rows, terms + i * stride, task_.relative + (at_[g + i] - from), keys,
                scratch_.scores.data() + (g + i) * kScoreStride);
    }
  }

  /// score[k] += terms[row[-k] - rows.first]: a later key lies at a smaller distance.
  void add_terms(const Reach& rows, const float* HWY_RESTRICT terms, const std::int32_t* row,
                 std::size_t keys, float* HWY_RESTRICT score) const {
    const F32 d;
    const I32 di;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t k = 0;
    if (rows.linear) {  // whole vectors, reversed
      const float* last = terms + (*row - rows.first) - (lanes - 1);
      for (; k < keys; k += lanes) {
        const auto reversed = hn::Reverse(d, hn::LoadU(d, last - k));
        hn::StoreU(hn::Add(hn::LoadU(d, score + k), reversed), d, score + k);
      }
    } else if (task_.steady) {  // the distances of a vector reach at most a vector of rows
      for (; k + lanes <= keys; k += lanes) {
        const std::int32_t* lowest = row - (k + lanes - 1);
        const auto lane = hn::Sub(hn::Reverse(di, hn::LoadU(di, lowest)), hn::Set(di, *lowest));
        const auto term =
            hn::TableLookupLanes(hn::LoadU(d, terms + (*lowest - rows.first)), hn::IndicesFromVec(d, lane));
        hn::StoreU(hn::Add(hn::LoadU(d, score + k), term), d, score + k);
      }
    }
    for (; k < keys; ++k) score[k] += terms[row[-static_cast<std::ptrdiff_t>(k)] - rows.first];
  }

  /// S += K Qr^T at d(q, k) for the group of `count` keys from k0 + g. The terms stand in rows of the table
  /// by keys, so that a query's lie on a diagonal.
  void add_position_to_content(std::size_t g, std::size_t k0, std::size_t count) {
    const auto from = static_cast<std::int32_t>(k0 + g);
    const std::int32_t low = lowest_ - (from + static_cast<std::int32_t>(count) - 1);
    const std::int32_t high = highest_ - from;
    const Reach rows = reach(low, high);
    float* terms = scratch_.positions.data();
    multiply<Dot, false>(
        {.a = task_.position_query + static_cast<std::size_t>(rows.first) * packed_.head_words,
         .a_stride = packed_.head_words,
         .b = scratch_.keys.data() + k0 + g,
         .b_stride = padded(task_.key_count),
         .c = terms,
         .c_stride = kGroup,
         .inner = packed_.head_words},
        rows.count, kGroup);
    float* score = scratch_.scores.data() + g;
    terms -= static_cast<std::size_t>(rows.first) * kGroup;
    if (in_a_row_) {
      return add_sheared({.rows = terms,
                          .index_of = task_.relative,
                          .low = low,
                          .high = high,
                          .first = at_[0] - from,
                          .count = queries_,
                          .out = score,
                          .out_stride = kScoreStride});
    }
    for (std::size_t q = 0; q < queries_; ++q, score += kScoreStride) {
      const std::int32_t* row = task_.relative + (at_[q] - from);
      for (std::size_t k = 0; k < count; ++k)
        score[k] += terms[static_cast<std::size_t>(row[-static_cast<std::ptrdiff_t>(k)]) * kGroup + k];
    }
  }

  /// Online softmax: scores become exp(scale (s - maximum)), the left factor of the mixture; the running
  /// maximum, sum and value sums are rescaled where a query's maximum grows.
  void soften(std::size_t keys) {
    const F32 d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t whole = (keys + kPairedKeys - 1) / kPairedKeys * kPairedKeys;
    for (std::size_t q = 0; q < queries_; ++q) {
      float* score = scratch_.scores.data() + q * kScoreStride;
      // Lanes behind the last key must not win the maximum and must add nothing.
      std::fill(score + keys, score + whole, -std::numeric_limits<float>::infinity());
      auto largest = hn::LoadU(d, score);
      for (std::size_t k = lanes; k < whole; k += lanes) largest = hn::Max(largest, hn::LoadU(d, score + k));
      if (!hn::AllFalse(d, hn::Gt(largest, hn::Set(d, scratch_.maxima[q])))) {
        raise_maximum(q, hn::GetLane(hn::MaxOfLanes(d, largest)));
      }
      exponentials(q, whole);
    }
  }

  void raise_maximum(std::size_t q, float maximum) {
    const F32 d;
    const std::size_t lanes = hn::Lanes(d);
    const float exponent = (scratch_.maxima[q] - maximum) * scale_;
    const auto shrink = exp2_vector<false>(hn::Set(d, exponent));
    scratch_.maxima[q] = maximum;
    const auto scale_row = [&](float* row, std::size_t count) HWY_ATTR {
      for (std::size_t i = 0; i < count; i += lanes) {
        hn::StoreU(hn::Mul(hn::LoadU(d, row + i), shrink), d, row + i);
      }
    };
    scale_row(scratch_.totals.data() + q * kSlack, kSlack);
    scale_row(scratch_.sums.data() + q * sum_stride(task_), task_.head_size);
  }

  void exponentials(std::size_t q, std::size_t keys) {
    const F32 d;
    const std::size_t lanes = hn::Lanes(d);
    float* score = scratch_.scores.data() + q * kScoreStride;
    float* total = scratch_.totals.data() + q * kSlack;
    const auto maximum = hn::Set(d, scratch_.maxima[q]);
    auto sum = hn::LoadU(d, total);
    const auto exponential = [&](std::size_t k) HWY_ATTR {
      const auto below = hn::Sub(hn::LoadU(d, score + k), maximum);
      const auto value = exp2_vector<kNarrow>(hn::Mul(below, hn::Set(d, scale_)));
      sum = hn::Add(sum, value);
      return value;
    };
    if constexpr (kNarrow) {
      std::uint32_t* words = scratch_.probabilities.data() + q * (kKeyTile / 2);
      for (std::size_t w = 0; w < keys / 2; w += lanes) {
        const std::size_t k = w / kSlack * kPairedKeys + w % kSlack;
        const auto low = bf16_bits(exponential(k));
        hn::StoreU(hn::Or(low, hn::ShiftLeft<16>(bf16_bits(exponential(k + kSlack)))), U32(), words + w);
      }
    } else {
      for (std::size_t k = 0; k < keys; k += lanes) hn::StoreU(exponential(k), d, score + k);
    }
    hn::StoreU(sum, d, total);
  }

  /// The value sums += probabilities V.
  void mix_tile(std::size_t k0, std::size_t keys) {
    const RowWords probabilities = kNarrow ? RowWords{scratch_.probabilities.data(), kKeyTile / 2}
                                           : as_words(scratch_.scores.data(), kScoreStride);
    multiply<Dot, true>({.a = probabilities.data,
                         .a_stride = probabilities.stride,
                         .b = packed_.values.from(kNarrow ? k0 / 2 : k0).data,
                         .b_stride = packed_.values.stride,
                         .c = scratch_.sums.data(),
                         .c_stride = sum_stride(task_),
                         .inner = kNarrow ? paired_words(keys) : keys},
                        queries_, task_.head_size);
  }

  void finish_tile(std::size_t q0) {
    const F32 d;
    for (std::size_t q = 0; q < queries_; ++q) {
      auto total = hn::Zero(d);
      for (std::size_t i = 0; i < kSlack; i += hn::Lanes(d)) {
        total = hn::Add(total, hn::LoadU(d, scratch_.totals.data() + q * kSlack + i));
      }
      const float scale = 1 / hn::GetLane(hn::SumOfLanes(d, total));
      const float* from = scratch_.sums.data() + q * sum_stride(task_);
      float* to = task_.out + (q0 + q) * task_.out_stride;
      for (std::size_t i = 0; i < task_.head_size; ++i) to[i] = from[i] * scale;
    }
  }

  static constexpr bool kNarrow = !std::is_same_v<Dot, DotF32>;
  const AttentionTask& task_;
  AttentionScratch& scratch_;
  const PackedInputs packed_;
  const float scale_ = task_.scale * 1.44269504f;  // of scores as exponents of 2
  // The tile of queries at work:
  std::size_t queries_ = 0;
  const std::int32_t* at_ = nullptr;  // positions
  std::int32_t lowest_ = 0;
  std::int32_t highest_ = 0;
  bool in_a_row_ = false;  // each stands one behind the one before
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
      const std::uint32_t word =
          task.format == Format::f32 ? std::bit_cast<std::uint32_t>(x[w]) : bf16_pair(x, task.head_size, w);
      task.out[task.transposed ? w * task.stride + row : row * task.stride + w] = word;
    }
  }
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
