// Elementwise functions over vectors, compiled once per instruction set. Include guard toggled per target.
#if defined(BERTA_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_MATH_INL_H_
#undef BERTA_KERNELS_MATH_INL_H_
#else
#define BERTA_KERNELS_MATH_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>

#include "kernels/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// x / 2 (1 + erf(x / sqrt 2)), through erfc(|x|) = exp(-x^2) t P(t), t = 1 / (1 + p |x|):
/// tools/kernels/fit_erf.py 6 gives P and its error, 4e-9.
HWY_INLINE hn::Vec<F32> gelu_vector(hn::Vec<F32> x) {
  const F32 d;
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

/// 2^x for x in [-100, 127]; below it is that of -100, which nothing sees beside a 1. The relative error is
/// that of rounding in f32, or 8e-5 if `kRough`, a 26th of bfloat16's rounding. tools/kernels/fit_exp2.py 6
/// (and 3) gives the polynomials.
template <bool kRough>
HWY_INLINE hn::Vec<F32> exp2_vector(hn::Vec<F32> x) {
  const F32 d;
  constexpr float kFine[] = {1.0f,           0.693147206f,   0.240226469f,   0.0555032878f,
                             0.00961848896f, 0.00133999314f, 0.000153458118f};
  constexpr float kCoarse[] = {0.999928073f, 0.693260987f, 0.242611135f, 0.0551716668f};
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
  const auto magic = hn::Set(d, 12582912.0f);
  x = hn::Max(x, hn::Set(d, -100.0f));
  const auto shifted = hn::Add(x, magic);
  const auto rest = hn::Sub(x, hn::Sub(shifted, magic));
  constexpr std::size_t kDegree = kRough ? 3 : 6;
  const float* p = kRough ? kCoarse : kFine;
  auto value = hn::Set(d, p[kDegree]);
  for (std::size_t i = kDegree; i-- > 0;) value = hn::MulAdd(value, rest, hn::Set(d, p[i]));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(I32(), shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(I32(), value), exponent));
}

/// Bits of bfloat16, rounded to nearest even, in the low half of each word. Inputs are finite.
HWY_INLINE Words bf16_bits(hn::Vec<F32> x) {
  const U32 d;
  const auto bits = hn::BitCast(d, x);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1));
  return hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(d, 0x7FFF))));
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
