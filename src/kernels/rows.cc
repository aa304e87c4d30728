#include "kernels/rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rows.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

/// Calls whole(i) at the start of each whole vector and rest(i) for each element behind the last one.
template <class Whole, class Rest>
HWY_INLINE void for_vectors(std::size_t count, const Whole& whole, const Rest& rest) {
  const std::size_t lanes = hn::Lanes(Floats());
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) whole(i);
  for (; i < count; ++i) rest(i);
}

void norm_row(const NormTask& task, float* x, const float* residual) {
  const Floats d;
  auto sums = hn::Zero(d);
  float sum = 0;
  if (residual != nullptr) {
    for_vectors(
        task.columns,
        [&](std::size_t i) {
          hn::StoreU(hn::Add(hn::LoadU(d, x + i), hn::LoadU(d, residual + i)), d, x + i);
        },
        [&](std::size_t i) { x[i] += residual[i]; });
  }
  for_vectors(
      task.columns, [&](std::size_t i) { sums = hn::Add(sums, hn::LoadU(d, x + i)); },
      [&](std::size_t i) { sum += x[i]; });
  const float mean = (sum + hn::GetLane(hn::SumOfLanes(d, sums))) / static_cast<float>(task.columns);
  auto squares = hn::Zero(d);
  float square = 0;
  const auto centre = hn::Set(d, mean);
  for_vectors(
      task.columns,
      [&](std::size_t i) {
        const auto difference = hn::Sub(hn::LoadU(d, x + i), centre);
        squares = hn::MulAdd(difference, difference, squares);
      },
      [&](std::size_t i) { square += (x[i] - mean) * (x[i] - mean); });
  const float variance =
      (square + hn::GetLane(hn::SumOfLanes(d, squares))) / static_cast<float>(task.columns);
  const float scale = 1 / std::sqrt(variance + task.epsilon);
  for_vectors(
      task.columns,
      [&](std::size_t i) {
        const auto normed = hn::Mul(hn::Sub(hn::LoadU(d, x + i), centre), hn::Set(d, scale));
        hn::StoreU(hn::MulAdd(normed, hn::LoadU(d, task.weight + i), hn::LoadU(d, task.bias + i)), d, x + i);
      },
      [&](std::size_t i) { x[i] = (x[i] - mean) * scale * task.weight[i] + task.bias[i]; });
}

void norm_on_target(const NormTask& task) {
  for (std::size_t row = 0; row < task.rows; ++row) {
    norm_row(task, task.x + row * task.columns,
             task.residual == nullptr ? nullptr : task.residual + row * task.columns);
  }
}

/// erfc(|x|) = exp(-x^2) t P(t), t = 1 / (1 + p |x|): tools/kernels/fit_erf.py 6 gives P and its error, 4e-9.
HWY_INLINE hn::Vec<Floats> gelu_vector(hn::Vec<Floats> x) {
  const Floats d;
  constexpr float kP[] = {0.157040539f, 0.431102029f, -0.749061788f, 2.04009536f,
                          -2.08554139f, 1.50481504f,  -0.298449789f};
  // Beyond 13 the value is x or 0 in f32; the clamp keeps x^2 finite.
  const auto size = hn::Min(hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678f)), hn::Set(d, 9.2f));
  const auto t = hn::Div(hn::Set(d, 1.0f), hn::MulAdd(size, hn::Set(d, 0.3275911f), hn::Set(d, 1.0f)));
  auto p = hn::Set(d, kP[6]);
  for (int i = 5; i >= 0; --i) p = hn::MulAdd(p, t, hn::Set(d, kP[i]));
  const auto tail = hn::Mul(hn::Mul(hn::Exp(d, hn::Neg(hn::Mul(size, size))), t), p);  // erfc(|x| / sqrt 2)
  const auto half = hn::Mul(x, hn::Set(d, 0.5f));
  const auto scaled = hn::Mul(half, tail);
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), scaled, hn::Sub(x, scaled));
}

void gelu_on_target(float* x, std::size_t count) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(gelu_vector(hn::LoadU(d, x + i)), d, x + i);
  if (i == count) return;
  HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
  std::copy(x + i, x + count, rest);
  hn::Store(gelu_vector(hn::Load(d, rest)), d, rest);
  std::copy_n(rest, count - i, x + i);
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(norm_on_target);
HWY_EXPORT(gelu_on_target);

void layer_norm(const NormTask& task) {
  HWY_DYNAMIC_DISPATCH(norm_on_target)(task);
}
void gelu(float* x, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(gelu_on_target)(x, count);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
