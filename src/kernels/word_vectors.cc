#include "kernels/word_vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/word_vectors.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/cache_control.h>

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

/// sigmoid(x) = 1 / (1 + 2^(-x log2 e)), exact to rounding; 1 / (1 + 2^100) where x is far below 0, never 0/0.
HWY_INLINE hn::Vec<F32> sigmoid(hn::Vec<F32> x) {
  const F32 d;
  const auto exponent = hn::Min(hn::Mul(x, hn::Set(d, -1.44269504f)), hn::Set(d, 100.0f));
  const auto one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, exp2_vector<false>(exponent)));
}

/// The mean of the input rows.
HWY_INLINE void mean_inputs(const WordUpdate& task, float* HWY_RESTRICT hidden) {
  const F32 d;
  const auto scale = hn::Set(d, 1.0f / static_cast<float>(task.input_count));
  for (std::size_t i = 0; i < task.stride; i += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (std::size_t c = 0; c < task.input_count; ++c) {
      sum = hn::Add(sum, hn::Load(d, task.input_rows + task.inputs[c] * task.stride + i));
    }
    hn::Store(hn::Mul(sum, scale), d, hidden + i);
  }
}

/// t_o += factors[o] h, and the sum of factors[o] t_o of before into `change`.
HWY_INLINE void update_outputs(const WordUpdate& task, const float* HWY_RESTRICT factors,
                               const float* HWY_RESTRICT hidden, float* HWY_RESTRICT change) {
  const F32 d;
  for (std::size_t i = 0; i < task.stride; i += hn::Lanes(d)) {
    const auto h = hn::Load(d, hidden + i);
    auto sum = hn::Zero(d);
    for (std::size_t o = 0; o < task.output_count; ++o) {
      float* const at = task.output_rows + task.outputs[o] * task.stride + i;
      const auto factor = hn::Set(d, factors[o]);
      const auto row = hn::Load(d, at);
      sum = hn::MulAdd(factor, row, sum);
      hn::Store(hn::MulAdd(factor, h, row), d, at);
    }
    hn::Store(sum, d, change + i);
  }
}

HWY_INLINE void update_inputs(const WordUpdate& task, const float* HWY_RESTRICT change) {
  const F32 d;
  const auto scale = hn::Set(d, task.input_scale);
  for (std::size_t c = 0; c < task.input_count; ++c) {
    float* const row = task.input_rows + task.inputs[c] * task.stride;
    for (std::size_t i = 0; i < task.stride; i += hn::Lanes(d)) {
      hn::Store(hn::MulAdd(scale, hn::Load(d, change + i), hn::Load(d, row + i)), d, row + i);
    }
  }
}

float loss_of(const WordUpdate& task, const float* scores) {
  float loss = 0;
  for (std::size_t o = 0; o < task.output_count; ++o) {
    // -log sigmoid(x) = log(1 + e^-x), without overflow; x is turned where the label is 0.
    const float x = task.labels[o] > 0 ? scores[o] : -scores[o];
    loss += std::log1p(std::exp(-std::abs(x))) + std::max(-x, 0.0f);
  }
  return loss;
}

float update_words_on_target(const WordUpdate& task, float* scratch, bool want_loss) {
  const F32 d;
  float* const hidden = scratch;
  float* const change = scratch + task.stride;
  float* const scores = scratch + 2 * task.stride;  // and then factors
  // One input, as in skip-gram, is its own mean: nothing writes it before `change` is whole.
  const float* h = hidden;
  if (task.input_count == 1) {
    h = task.input_rows + task.inputs[0] * task.stride;
  } else {
    mean_inputs(task, hidden);
  }
  for (std::size_t o = 0; o < task.output_count; ++o) {
    scores[o] = dot(h, task.output_rows + task.outputs[o] * task.stride, task.stride);
  }
  const float loss = want_loss ? loss_of(task, scores) : 0;
  // Whole vectors: what is behind the last one is computed and ignored.
  const auto rate = hn::Set(d, task.rate);
  for (std::size_t o = 0; o < task.output_count; o += hn::Lanes(d)) {
    const auto label = hn::LoadU(d, task.labels + o);
    const auto p = sigmoid(hn::Load(d, scores + o));
    hn::Store(hn::Mul(rate, hn::Sub(label, p)), d, scores + o);
  }
  update_outputs(task, scores, h, change);
  update_inputs(task, change);
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

void prefetch_rows(const float* rows, std::size_t stride, const std::uint32_t* which, std::size_t count) {
  constexpr std::size_t kLine = 16;  // floats
  for (std::size_t r = 0; r < count; ++r) {
    const float* row = rows + which[r] * stride;
    for (std::size_t i = 0; i < stride; i += kLine) hwy::Prefetch(row + i);
  }
}

void dot_rows(const float* rows, std::size_t stride, std::size_t count, const float* query, float* out) {
  HWY_DYNAMIC_DISPATCH(dot_rows_on_target)(rows, stride, count, query, out);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
