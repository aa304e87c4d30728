#include "kernels/training_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/training_rows.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void drop_row(const T* x, T* out, std::size_t columns, const Dropout& row) {
  const auto low = static_cast<std::uint32_t>(row.key);
  const auto high = static_cast<std::uint32_t>(row.key >> 32);
  const T kept = static_cast<T>(row.scale());
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(columns); ++i) {
    out[i] = element_hash(low, high, i) < row.threshold ? T(0) : x[i] * kept;
  }
}

template <class T>
void drop_rows_as(const DropTask<T>& task) {
  for (std::size_t r = 0; r < task.rows; ++r) {
    drop_row(task.x + r * task.columns, task.out + r * task.columns, task.columns,
             task.dropout.of(task.first_row + r));
  }
}

/// Sums of f(i) over vectors at i, and of f of single elements behind the last whole vector.
template <class T, class Whole, class Rest>
HWY_INLINE T sum_over(std::size_t count, const Whole& whole, const Rest& rest) {
  const hn::ScalableTag<T> d;
  auto sums = hn::Zero(d);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) sums = hn::Add(sums, whole(i));
  T sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; i < count; ++i) sum += rest(i);
  return sum;
}

template <class T>
void norm_row_forward(const NormForward<T>& task, std::size_t r) {
  const hn::ScalableTag<T> d;
  const std::size_t at = r * task.columns;
  T* const sum = task.sum + at;
  if (task.dropout.active()) {
    drop_row(task.x + at, sum, task.columns, task.dropout.of(task.first_row + r));
  } else if (task.x != task.sum) {
    std::copy_n(task.x + at, task.columns, sum);
  }
  if (task.residual != nullptr) {
    for (std::size_t i = 0; i < task.columns; ++i) sum[i] += task.residual[at + i];
  }
  const T count = static_cast<T>(task.columns);
  const T mean = sum_over<T>(
                     task.columns, [&](std::size_t i) { return hn::LoadU(d, sum + i); },
                     [&](std::size_t i) { return sum[i]; }) /
                 count;
  const auto means = hn::Set(d, mean);
  const T variance = sum_over<T>(
                         task.columns,
                         [&](std::size_t i) {
                           const auto x = hn::Sub(hn::LoadU(d, sum + i), means);
                           return hn::Mul(x, x);
                         },
                         [&](std::size_t i) { return (sum[i] - mean) * (sum[i] - mean); }) /
                     count;
  const T scale = 1 / std::sqrt(variance + task.epsilon);
  task.statistics[2 * r] = mean;
  task.statistics[2 * r + 1] = scale;
  for (std::size_t i = 0; i < task.columns; ++i) {
    task.out[at + i] = (sum[i] - mean) * scale * task.weight[i] + task.bias[i];
  }
}

template <class T>
void norm_forward_as(const NormForward<T>& task) {
  for (std::size_t r = 0; r < task.rows; ++r) norm_row_forward(task, r);
}

/// With n the normed row and g = d_out weight:  d_sum = scale (g - mean(g) - n mean(g n)).
template <class T>
void norm_row_backward(const NormBackward<T>& task, std::size_t r) {
  const hn::ScalableTag<T> d;
  const std::size_t at = r * task.columns;
  const T* const sum = task.sum + at;
  const T* const d_out = task.d_out + at;
  const T mean = task.statistics[2 * r];
  const T scale = task.statistics[2 * r + 1];
  for (std::size_t i = 0; i < task.columns; ++i) {
    task.d_weight[i] += d_out[i] * (sum[i] - mean) * scale;
    task.d_bias[i] += d_out[i];
  }
  const auto means = hn::Set(d, mean);
  const auto scales = hn::Set(d, scale);
  const T count = static_cast<T>(task.columns);
  const auto gradient = [&](std::size_t i) {
    return hn::Mul(hn::LoadU(d, d_out + i), hn::LoadU(d, task.weight + i));
  };
  const T mean_gradient =
      sum_over<T>(task.columns, gradient, [&](std::size_t i) { return d_out[i] * task.weight[i]; }) / count;
  const T mean_product =
      sum_over<T>(
          task.columns,
          [&](std::size_t i) {
            return hn::Mul(gradient(i), hn::Mul(hn::Sub(hn::LoadU(d, sum + i), means), scales));
          },
          [&](std::size_t i) { return d_out[i] * task.weight[i] * (sum[i] - mean) * scale; }) /
      count;
  T* const d_sum = task.d_residual + at;
  for (std::size_t i = 0; i < task.columns; ++i) {
    d_sum[i] = scale * (d_out[i] * task.weight[i] - mean_gradient - (sum[i] - mean) * scale * mean_product);
  }
  if (task.d_x != nullptr) drop_row(d_sum, task.d_x + at, task.columns, task.dropout.of(task.first_row + r));
}

template <class T>
void norm_backward_as(const NormBackward<T>& task) {
  for (std::size_t r = 0; r < task.rows; ++r) norm_row_backward(task, r);
}

void drop_float(const DropTask<float>& task) {
  drop_rows_as(task);
}
void drop_double(const DropTask<double>& task) {
  drop_rows_as(task);
}
void norm_forward_float(const NormForward<float>& task) {
  norm_forward_as(task);
}
void norm_forward_double(const NormForward<double>& task) {
  norm_forward_as(task);
}
void norm_backward_float(const NormBackward<float>& task) {
  norm_backward_as(task);
}
void norm_backward_double(const NormBackward<double>& task) {
  norm_backward_as(task);
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(drop_float);
HWY_EXPORT(drop_double);
HWY_EXPORT(norm_forward_float);
HWY_EXPORT(norm_forward_double);
HWY_EXPORT(norm_backward_float);
HWY_EXPORT(norm_backward_double);

void drop_rows(const DropTask<float>& task) {
  HWY_DYNAMIC_DISPATCH(drop_float)(task);
}
void drop_rows(const DropTask<double>& task) {
  HWY_DYNAMIC_DISPATCH(drop_double)(task);
}
void norm_forward(const NormForward<float>& task) {
  HWY_DYNAMIC_DISPATCH(norm_forward_float)(task);
}
void norm_forward(const NormForward<double>& task) {
  HWY_DYNAMIC_DISPATCH(norm_forward_double)(task);
}
void norm_backward(const NormBackward<float>& task) {
  HWY_DYNAMIC_DISPATCH(norm_backward_float)(task);
}
void norm_backward(const NormBackward<double>& task) {
  HWY_DYNAMIC_DISPATCH(norm_backward_double)(task);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
