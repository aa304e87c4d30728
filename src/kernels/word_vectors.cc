#include "kernels/word_vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/word_vectors.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <algorithm>
#include <cmath>

#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// a . b over `count` floats, a multiple of 16, in two sums where a row has so many vectors.
HWY_INLINE float dot(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t count) {
  const F32 d;
  const std::size_t lanes = hn::Lanes(d);
  auto even = hn::Zero(d);
  auto odd = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    even = hn::MulAdd(hn::Load(d, a + i), hn::Load(d, b + i), even);
    odd = hn::MulAdd(hn::Load(d, a + i + lanes), hn::Load(d, b + i + lanes), odd);
  }
  if (i < count) even = hn::MulAdd(hn::Load(d, a + i), hn::Load(d, b + i), even);
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
}

/// sigmoid(x) = 1 / (1 + 2^(-x log2 e)), exact to rounding; 1 / (1 + 2^100) where x is far below 0, never
/// 0/0.
HWY_INLINE hn::Vec<F32> sigmoid(hn::Vec<F32> x) {
  const F32 d;
  const auto exponent = hn::Min(hn::Mul(x, hn::Set(d, -1.44269504f)), hn::Set(d, 100.0f));
  const auto one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, exp2_vector<false>(exponent)));
}

/// The work space of one call.
struct Work {
  const WordUpdate& task;
  std::size_t factor_stride;  // outputs, rounded up to whole vectors
  float* hidden;              // [groups, stride]
  float* change;              // [groups, stride]
  float* factors;             // [groups, factor_stride]: scores, then rate (label - p)

  Work(const WordUpdate& update, float* scratch)
      : task(update),
        factor_stride((update.output_count + 15) / 16 * 16),
        hidden(scratch),
        change(scratch + update.groups * update.stride),
        factors(change + update.groups * update.stride) {}

  std::size_t begin_of(std::size_t group) const { return group == 0 ? 0 : task.group_ends[group - 1]; }
  std::size_t inputs_of(std::size_t group) const { return task.group_ends[group] - begin_of(group); }
  float* input(std::size_t index) const { return task.input_rows + task.inputs[index] * task.stride; }
  float* output(std::size_t index) const { return task.output_rows + task.outputs[index] * task.stride; }
  float* hidden_of(std::size_t group) const { return hidden + group * task.stride; }
  float* change_of(std::size_t group) const { return change + group * task.stride; }
  float* factors_of(std::size_t group) const { return factors + group * factor_stride; }
};

/// h_g, the mean of a group's rows.
HWY_INLINE void mean_inputs(const Work& work, std::size_t group) {
  const F32 d;
  const std::size_t begin = work.begin_of(group);
  const std::size_t end = work.task.group_ends[group];
  const auto scale = hn::Set(d, 1.0f / static_cast<float>(end - begin));
  float* const HWY_RESTRICT out = work.hidden_of(group);
  for (std::size_t i = 0; i < work.task.stride; i += hn::Lanes(d)) {
    auto sum = hn::Load(d, work.input(begin) + i);
    for (std::size_t c = begin + 1; c < end; ++c) sum = hn::Add(sum, hn::Load(d, work.input(c) + i));
    hn::Store(hn::Mul(sum, scale), d, out + i);
  }
}

/// t_o . h_g for kGroups groups from `first` on: each row is loaded once for all of them.
template <std::size_t kGroups>
HWY_INLINE void score(const Work& work, std::size_t first) {
  const F32 d;
  for (std::size_t o = 0; o < work.task.output_count; ++o) {
    const float* const HWY_RESTRICT row = work.output(o);
    hn::Vec<F32> sums[kGroups];
    for (std::size_t g = 0; g < kGroups; ++g) sums[g] = hn::Zero(d);
    for (std::size_t i = 0; i < work.task.stride; i += hn::Lanes(d)) {
      const auto t = hn::Load(d, row + i);
      for (std::size_t g = 0; g < kGroups; ++g) {
        sums[g] = hn::MulAdd(t, hn::Load(d, work.hidden_of(first + g) + i), sums[g]);
      }
    }
    for (std::size_t g = 0; g < kGroups; ++g) {
      work.factors_of(first + g)[o] = hn::GetLane(hn::SumOfLanes(d, sums[g]));
    }
  }
}

/// Scores -> rate (label - p). Whole vectors: what is behind the last one is computed and ignored.
HWY_INLINE void scores_to_factors(const Work& work, std::size_t group) {
  const F32 d;
  const auto rate = hn::Set(d, work.task.rate);
  float* const factors = work.factors_of(group);
  for (std::size_t o = 0; o < work.task.output_count; o += hn::Lanes(d)) {
    const auto p = sigmoid(hn::Load(d, factors + o));
    hn::Store(hn::Mul(rate, hn::Sub(hn::LoadU(d, work.task.labels + o), p)), d, factors + o);
  }
}

/// The change of kGroups groups' inputs: the sum of factors times t_o.
template <std::size_t kGroups>
HWY_INLINE void sum_changes(const Work& work, std::size_t first) {
  const F32 d;
  for (std::size_t i = 0; i < work.task.stride; i += hn::Lanes(d)) {
    hn::Vec<F32> sums[kGroups];
    for (std::size_t g = 0; g < kGroups; ++g) sums[g] = hn::Zero(d);
    for (std::size_t o = 0; o < work.task.output_count; ++o) {
      const auto t = hn::Load(d, work.output(o) + i);
      for (std::size_t g = 0; g < kGroups; ++g) {
        sums[g] = hn::MulAdd(hn::Set(d, work.factors_of(first + g)[o]), t, sums[g]);
      }
    }
    for (std::size_t g = 0; g < kGroups; ++g) hn::Store(sums[g], d, work.change_of(first + g) + i);
  }
}

/// t_o += the sum over groups of factors times h_g.
HWY_INLINE void update_outputs(const Work& work) {
  const F32 d;
  for (std::size_t o = 0; o < work.task.output_count; ++o) {
    float* const HWY_RESTRICT row = work.output(o);
    for (std::size_t i = 0; i < work.task.stride; i += hn::Lanes(d)) {
      auto t = hn::Load(d, row + i);
      for (std::size_t g = 0; g < work.task.groups; ++g) {
        t = hn::MulAdd(hn::Set(d, work.factors_of(g)[o]), hn::Load(d, work.hidden_of(g) + i), t);
      }
      hn::Store(t, d, row + i);
    }
  }
}

/// Both of the above for one group, where a row need be loaded only once.
HWY_INLINE void update_one_group(const Work& work) {
  const F32 d;
  for (std::size_t i = 0; i < work.task.stride; i += hn::Lanes(d)) {
    const auto h = hn::Load(d, work.hidden + i);
    auto sum = hn::Zero(d);
    for (std::size_t o = 0; o < work.task.output_count; ++o) {
      float* const at = work.output(o) + i;
      const auto factor = hn::Set(d, work.factors[o]);
      const auto t = hn::Load(d, at);
      sum = hn::MulAdd(factor, t, sum);
      hn::Store(hn::MulAdd(factor, h, t), d, at);
    }
    hn::Store(sum, d, work.change + i);
  }
}

HWY_INLINE void update_inputs(const Work& work, std::size_t group) {
  const F32 d;
  const float divisor = work.task.divide_inputs ? static_cast<float>(work.inputs_of(group)) : 1.0f;
  const auto scale = hn::Set(d, 1 / divisor);
  const float* const HWY_RESTRICT change = work.change_of(group);
  for (std::size_t c = work.begin_of(group); c < work.task.group_ends[group]; ++c) {
    float* const row = work.input(c);
    for (std::size_t i = 0; i < work.task.stride; i += hn::Lanes(d)) {
      hn::Store(hn::MulAdd(scale, hn::Load(d, change + i), hn::Load(d, row + i)), d, row + i);
    }
  }
}

float loss_of(const Work& work) {
  float loss = 0;
  for (std::size_t g = 0; g < work.task.groups; ++g) {
    for (std::size_t o = 0; o < work.task.output_count; ++o) {
      // -log sigmoid(x) = log(1 + e^-x), without overflow; x is turned where the label is 0.
      const float score = work.factors_of(g)[o];
      const float x = work.task.labels[o] > 0 ? score : -score;
      loss += std::log1p(std::exp(-std::abs(x))) + std::max(-x, 0.0f);
    }
  }
  return loss;
}

/// Calls body<count>(first) for blocks of 4, 2 and 1 groups that cover all: more would not fit into
/// registers.
template <class Body>
HWY_INLINE void for_group_blocks(std::size_t groups, const Body& body) {
  std::size_t first = 0;
  for (; first + 4 <= groups; first += 4) body.template operator()<4>(first);
  if (first + 2 <= groups) {
    body.template operator()<2>(first);
    first += 2;
  }
  if (first < groups) body.template operator()<1>(first);
}

float update_words_on_target(const WordUpdate& task, float* scratch, bool want_loss) {
  const Work work(task, scratch);
  for (std::size_t g = 0; g < task.groups; ++g) mean_inputs(work, g);
  for_group_blocks(task.groups,
                   [&]<std::size_t kGroups>(std::size_t first) HWY_ATTR { score<kGroups>(work, first); });
  const float loss = want_loss ? loss_of(work) : 0;
  for (std::size_t g = 0; g < task.groups; ++g) scores_to_factors(work, g);
  if (task.groups == 1) {
    update_one_group(work);
  } else {
    for_group_blocks(task.groups, [&]<std::size_t kGroups>(std::size_t first)
                                      HWY_ATTR { sum_changes<kGroups>(work, first); });
    update_outputs(work);
  }
  for (std::size_t g = 0; g < task.groups; ++g) update_inputs(work, g);
  return loss;
}

void dot_rows_on_target(const float* rows, std::size_t stride, std::size_t count, const float* query,
                        float* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = dot(rows + i * stride, query, stride);
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(update_words_on_target);
HWY_EXPORT(dot_rows_on_target);

float update_words(const WordUpdate& task, float* scratch, bool want_loss) {
  return HWY_DYNAMIC_DISPATCH(update_words_on_target)(task, scratch, want_loss);
}

#if HWY_ARCH_X86
__attribute__((target("prfchw")))
#endif
void prefetch_rows(const float* rows, std::size_t stride, const std::uint32_t* which, std::size_t count) {
  constexpr std::size_t kLine = 16;  // floats
  for (std::size_t r = 0; r < count; ++r) {
    const float* row = rows + which[r] * stride;
    for (std::size_t i = 0; i < stride; i += kLine) __builtin_prefetch(row + i, 1);
  }
}

void dot_rows(const float* rows, std::size_t stride, std::size_t count, const float* query, float* out) {
  HWY_DYNAMIC_DISPATCH(dot_rows_on_target)(rows, stride, count, query, out);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
