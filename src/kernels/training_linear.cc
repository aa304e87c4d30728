#include "kernels/training_linear.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/training_linear.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <algorithm>
#include <array>

#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

using Floats = hn::Vec<F32>;
using Narrow = hn::Rebind<std::uint16_t, F32>;

HWY_INLINE Floats load(const float* from) {
  return hn::LoadU(F32(), from);
}
HWY_INLINE Floats load(const std::uint16_t* from) {
  return hn::BitCast(F32(), hn::ShiftLeft<16>(hn::PromoteTo(U32(), hn::LoadU(Narrow(), from))));
}
HWY_INLINE void store(Floats x, float* to) {
  hn::StoreU(x, F32(), to);
}
HWY_INLINE void store(Floats x, std::uint16_t* to) {
  hn::StoreU(hn::DemoteTo(Narrow(), hn::BitCast(I32(), bf16_bits(x))), Narrow(), to);
}

/// A row that begins at element i of what `from` points at; null stays null.
template <class T>
HWY_INLINE T* at(T* from, std::size_t i) {
  return from == nullptr ? nullptr : from + i;
}

/// A vector's worth of the elements behind the last whole vector of a row, zeros behind them.
template <class T>
class Rest {
 public:
  Rest(const T* from, std::size_t count) : count_(count) {
    if (from != nullptr) std::copy_n(from, count, all_.data());
  }
  T* data() { return all_.data(); }
  void store(T* to) const { std::copy_n(all_.data(), count_, to); }

 private:
  std::size_t count_;
  std::array<T, hn::MaxLanes(F32())> all_{};
};

/// Calls whole(i) for whole vectors and rest(i, count) for the elements behind them.
template <class Whole, class Tail>
HWY_INLINE void for_row(std::size_t columns, const Whole& whole, const Tail& rest) {
  const std::size_t lanes = hn::Lanes(F32());
  std::size_t i = 0;
  for (; i + lanes <= columns; i += lanes) whole(i);
  if (i < columns) rest(i, columns - i);
}

HWY_INLINE void widen(const std::uint16_t* x, const float* bias, float* out) {
  const Floats wide = load(x);
  store(bias == nullptr ? wide : hn::Add(wide, load(bias)), out);
}

void widen_on_target(const WidenTask& task) {
  for (std::size_t r = 0; r < task.rows; ++r) {
    const std::uint16_t* const x = task.x + r * task.columns;
    float* const out = task.out + r * task.columns;
    for_row(
        task.columns, [&](std::size_t i) HWY_ATTR { widen(x + i, at(task.bias, i), out + i); },
        [&](std::size_t i, std::size_t count) HWY_ATTR {
          Rest<std::uint16_t> from(x + i, count);
          Rest<float> bias(at(task.bias, i), count), to(nullptr, count);
          widen(from.data(), bias.data(), to.data());
          to.store(out + i);
        });
  }
}

HWY_INLINE void narrow(const float* x, std::uint16_t* out, float* sums) {
  const Floats wide = load(x);
  if (out != nullptr) store(wide, out);
  if (sums != nullptr) store(hn::Add(load(sums), wide), sums);
}

void narrow_on_target(const NarrowTask& task) {
  for (std::size_t r = 0; r < task.rows; ++r) {
    const float* const x = task.x + r * task.columns;
    std::uint16_t* const out = at(task.out, r * task.columns);
    for_row(
        task.columns, [&](std::size_t i) HWY_ATTR { narrow(x + i, at(out, i), at(task.sums, i)); },
        [&](std::size_t i, std::size_t count) HWY_ATTR {
          Rest<float> from(x + i, count), sums(at(task.sums, i), count);
          Rest<std::uint16_t> to(nullptr, count);
          narrow(from.data(), to.data(), sums.data());
          if (out != nullptr) to.store(out + i);
          if (task.sums != nullptr) sums.store(task.sums + i);
        });
  }
}

template <class T>
HWY_INLINE void gelu(const T* x, const float* bias, T* out) {
  store(fine_gelu(hn::Add(load(x), load(bias))), out);
}

template <class T>
void gelu_forward_as(const GeluForward<T>& task) {
  for (std::size_t r = 0; r < task.rows; ++r) {
    const T* const x = task.x + r * task.columns;
    T* const out = task.out + r * task.columns;
    for_row(
        task.columns, [&](std::size_t i) HWY_ATTR { gelu(x + i, task.bias + i, out + i); },
        [&](std::size_t i, std::size_t count) HWY_ATTR {
          Rest<T> from(x + i, count), to(nullptr, count);
          Rest<float> bias(task.bias + i, count);
          gelu(from.data(), bias.data(), to.data());
          to.store(out + i);
        });
  }
}

/// Pointers to a vector of each.
template <class T>
struct GeluLine {
  const T* d_out;
  const T* x;
  const float* bias;
  T* d_x;
  float* d_bias;
};

template <class T>
HWY_INLINE void gelu_gradient(const GeluLine<T>& at) {
  const Floats d_x = hn::Mul(load(at.d_out), fine_gelu_slope(hn::Add(load(at.x), load(at.bias))));
  store(d_x, at.d_x);
  store(hn::Add(load(at.d_bias), d_x), at.d_bias);
}

template <class T>
void gelu_backward_as(const GeluBackward<T>& task) {
  for (std::size_t r = 0; r < task.rows; ++r) {
    const std::size_t first = r * task.columns;
    for_row(
        task.columns,
        [&](std::size_t i) HWY_ATTR {
          gelu_gradient<T>({task.d_out + first + i, task.x + first + i, task.bias + i, task.d_x + first + i,
                            task.d_bias + i});
        },
        [&](std::size_t i, std::size_t count) HWY_ATTR {
          Rest<T> d_out(task.d_out + first + i, count), x(task.x + first + i, count), d_x(nullptr, count);
          Rest<float> bias(task.bias + i, count), d_bias(task.d_bias + i, count);
          gelu_gradient<T>({d_out.data(), x.data(), bias.data(), d_x.data(), d_bias.data()});
          d_x.store(task.d_x + first + i);
          d_bias.store(task.d_bias + i);
        });
  }
}

void gelu_forward_float(const GeluForward<float>& task) {
  gelu_forward_as(task);
}
void gelu_forward_narrow(const GeluForward<std::uint16_t>& task) {
  gelu_forward_as(task);
}
void gelu_backward_float(const GeluBackward<float>& task) {
  gelu_backward_as(task);
}
void gelu_backward_narrow(const GeluBackward<std::uint16_t>& task) {
  gelu_backward_as(task);
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(widen_on_target);
HWY_EXPORT(narrow_on_target);
HWY_EXPORT(gelu_forward_float);
HWY_EXPORT(gelu_forward_narrow);
HWY_EXPORT(gelu_backward_float);
HWY_EXPORT(gelu_backward_narrow);

void widen_rows(const WidenTask& task) {
  HWY_DYNAMIC_DISPATCH(widen_on_target)(task);
}
void narrow_rows(const NarrowTask& task) {
  HWY_DYNAMIC_DISPATCH(narrow_on_target)(task);
}
void gelu_forward(const GeluForward<float>& task) {
  HWY_DYNAMIC_DISPATCH(gelu_forward_float)(task);
}
void gelu_forward(const GeluForward<std::uint16_t>& task) {
  HWY_DYNAMIC_DISPATCH(gelu_forward_narrow)(task);
}
void gelu_backward(const GeluBackward<float>& task) {
  HWY_DYNAMIC_DISPATCH(gelu_backward_float)(task);
}
void gelu_backward(const GeluBackward<std::uint16_t>& task) {
  HWY_DYNAMIC_DISPATCH(gelu_backward_narrow)(task);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
