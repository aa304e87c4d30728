#include "kernels/words.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/convert.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <algorithm>
#include <cmath>

#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

void row_to_bf16(const float* x, std::size_t count, std::uint32_t* out) {
  const U32 d;
  const hn::Rebind<float, U32> df;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {  // a word takes neighbours: even ones low, odd ones high
    hn::Vec<F32> even;
    hn::Vec<F32> odd;
    hn::LoadInterleaved2(df, x + i, even, odd);
    hn::StoreU(hn::Or(bf16_bits(even), hn::ShiftLeft<16>(bf16_bits(odd))), d, out + i / 2);
  }
  for (; i < count; i += 2) out[i / 2] = bf16_pair(x, count, i / 2);
}

float row_to_int8(const float* x, std::size_t count, std::uint32_t* out) {
  const F32 d;
  const hn::Rebind<std::uint8_t, F32> d8;
  const std::size_t lanes = hn::Lanes(d);
  auto largest_lanes = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) largest_lanes = hn::Max(largest_lanes, hn::Abs(hn::LoadU(d, x + i)));
  float largest = hn::GetLane(hn::MaxOfLanes(d, largest_lanes));
  for (; i < count; ++i) largest = std::max(largest, std::abs(x[i]));
  const float scale = largest > 0 ? largest / 127 : 1;
  const float inverse = 1 / scale;
  auto* bytes = reinterpret_cast<std::uint8_t*>(out);
  for (i = 0; i + lanes <= count; i += lanes) {
    const auto q = hn::NearestInt(hn::Mul(hn::LoadU(d, x + i), hn::Set(d, inverse)));
    hn::StoreU(hn::DemoteTo(d8, hn::Add(q, hn::Set(I32(), 128))), d8, bytes + i);
  }
  for (; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(std::lrint(x[i] * inverse) + 128);
  for (; i % 4 != 0; ++i) bytes[i] = 128;  // times weights of zero
  return scale;
}

void convert_on_target(const ConvertTask& task) {
  for (std::size_t row = 0; row < task.rows; ++row) {
    const float* x = task.x + row * task.x_stride;
    std::uint32_t* out = task.out + row * task.out_stride;
    if (task.format == Format::int8) {
      task.scales[row] = row_to_int8(x, task.columns, out);
    } else {
      row_to_bf16(x, task.columns, out);
    }
  }
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(convert_on_target);

void convert_rows(const ConvertTask& task) {
  HWY_DYNAMIC_DISPATCH(convert_on_target)(task);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
