#include "kernels/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/cache_control.h>

#include <algorithm>
#include <type_traits>

#include "kernels/cpu_features.h"
#include "kernels/math-inl.h"
#include "kernels/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// Stores up to a vector of outputs: all of them in the middle of a panel, the existing ones at its end.
HWY_INLINE void store(hn::Vec<F32> value, float* y, std::size_t left) {
  const F32 d;
  if (left >= hn::Lanes(d)) {
    hn::StoreU(value, d, y);
  } else {
    HWY_ALIGN float all[hn::MaxLanes(d)];
    hn::Store(value, d, all);
    std::copy_n(all, left, y);
  }
}

/// What sums begin with: int8 inputs have an offset of 128, which their products with the weights are freed
/// of.
template <class Dot>
HWY_INLINE typename Dot::Sum first_sum(const PanelTask& task, std::size_t column) {
  if constexpr (std::is_same_v<Dot, DotInt8>) {
    return hn::Neg(hn::ShiftLeft<7>(hn::LoadU(I32(), task.sums + column)));
  } else {
    return Dot::zero();
  }
}

/// Sum -> output: int8 sums are scaled back; then bias and activation.
template <class Dot, Finish kFinish>
HWY_INLINE hn::Vec<F32> finished(const PanelTask& task, typename Dot::Sum sum, std::size_t row,
                                 std::size_t column) {
  const F32 d;
  const auto bias = hn::LoadU(d, task.bias + column);
  hn::Vec<F32> value;
  if constexpr (std::is_same_v<Dot, DotInt8>) {
    const auto scale = hn::Mul(hn::LoadU(d, task.scales + column), hn::Set(d, task.x_scales[row]));
    value = hn::MulAdd(hn::ConvertTo(d, sum), scale, bias);
  } else {
    value = hn::Add(sum, bias);
  }
  if constexpr (kFinish == Finish::bias) {
    return value;
  } else if constexpr (std::is_same_v<Dot, DotF32>) {
    return fine_gelu(value);
  } else {
    return rough_gelu(value);
  }
}

/// Brings the next panel into the cache while tiles of this one are computed, evenly: where there are few
/// rows, weights come from memory as fast as they are used, and a burst would stall.
class Ahead {
 public:
  static constexpr std::size_t kLine = 16;  // words

  Ahead(const PanelTask& task, std::size_t tiles)
      : near_(task.panel), at_(task.next_panel), left_(at_ == nullptr ? 0 : task.inner * kPanel / kLine) {
    per_step_ = std::min<std::size_t>(2, (kPanel / kLine + tiles - 1) / tiles);
  }

  /// What one tile of `inner` steps does: two lines a step, of which the second may be the next step's first.
  auto tile(std::size_t inner) {
    const std::size_t lines = std::min(left_, inner * per_step_);
    const std::uint32_t* from = lines == 0 ? near_ : at_;  // nothing left: a line that is there already
    const std::size_t stride = lines == 0 ? 0 : kLine * per_step_;
    at_ += lines * kLine;
    left_ -= lines;
    return [from, stride](std::size_t k) HWY_ATTR {
      hwy::Prefetch(from + k * stride);
      hwy::Prefetch(from + k * stride + kLine);
    };
  }

 private:
  const std::uint32_t* near_;
  const std::uint32_t* at_;
  std::size_t left_;
  std::size_t per_step_;
};

template <class Dot, Finish kFinish>
void multiply_on_target(const PanelTask& task) {
  const std::size_t lanes = hn::Lanes(F32());
  Ahead ahead(task, (task.rows + kTileRows - 1) / kTileRows);
  for_row_tiles(task.rows, [&]<std::size_t kRows>(std::size_t row) HWY_ATTR {
    for (std::size_t column = 0; column < task.columns; column += kTileVectors * lanes) {
      run_tile<Dot, kRows, kTileVectors>(
          task.x + row * task.x_stride, task.x_stride, task.panel + column, kPanel, task.inner,
          [&](std::size_t, std::size_t v) HWY_ATTR { return first_sum<Dot>(task, column + v * lanes); },
          [&](std::size_t r, std::size_t v, typename Dot::Sum sum) HWY_ATTR {
            const std::size_t at = column + v * lanes;
            if (at >= task.columns) return;
            store(finished<Dot, kFinish>(task, sum, row + r, at), task.y + (row + r) * task.y_stride + at,
                  task.columns - at);
          },
          ahead.tile(task.inner));
    }
  });
}

template <class Dot>
void multiply_with(const PanelTask& task) {
  if (task.finish == Finish::bias_gelu) return multiply_on_target<Dot, Finish::bias_gelu>(task);
  multiply_on_target<Dot, Finish::bias>(task);
}

void multiply_panel_on_target(const PanelTask& task) {
  if (task.format == Format::f32) return multiply_with<DotF32>(task);
  if (task.format == Format::int8) return multiply_with<DotInt8>(task);
#if HWY_TARGET == HWY_AVX3_DL
  if (has_native_bf16()) return multiply_with<DotBf16Native>(task);
#endif
  multiply_with<DotBf16>(task);
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(multiply_panel_on_target);

void multiply_panel(const PanelTask& task) {
  HWY_DYNAMIC_DISPATCH(multiply_panel_on_target)(task);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
