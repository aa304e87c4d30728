#include "kernels/rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rows.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <algorithm>
#include <cmath>

#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// Calls whole(i) at the start of each whole vector and rest(i) for each element behind the last one.
template <class Whole, class Rest>
HWY_INLINE void for_vectors(std::size_t count, const Whole& whole, const Rest& rest) {
  const std::size_t lanes = hn::Lanes(F32());
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) whole(i);
  for (; i < count; ++i) rest(i);
}

void norm_row(const NormTask& task, float* x, const float* residual) {
  const F32 d;
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

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(norm_on_target);

void layer_norm(const NormTask& task) {
  HWY_DYNAMIC_DISPATCH(norm_on_target)(task);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
