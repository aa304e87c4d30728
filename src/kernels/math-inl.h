// Elementwise functions over vectors, compiled once per instruction set. Include guard toggled per target.
#if defined(BERTA_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_MATH_INL_H_
#undef BERTA_KERNELS_MATH_INL_H_
#else
#define BERTA_KERNELS_MATH_INL_H_
#endif

#include <cstddef>

#include "kernels/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

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

/// 1 / x to 16 bits or better.
HWY_INLINE hn::Vec<F32> rough_reciprocal(hn::Vec<F32> x) {
  const auto guess = hn::ApproximateReciprocal(x);  // 8 bits on the poorest machine; a step of Newton doubles
  return hn::Mul(guess, hn::NegMulAdd(x, guess, hn::Set(F32(), 2.0f)));
}

/// x / 2 (1 + erf(x / sqrt 2)), through erfc(|x|) = exp(-x^2) t P(t), t = 1 / (1 + p |x|):
/// tools/kernels/fit_erf.py 6 gives P and its error, 4e-9. If `kRough`, by fit_erf.py 4 (2e-7) and with 2^x
/// and the reciprocal rough: 1e-4 of erfc, so at most 2e-5 of the value.
template <bool kRough>
HWY_INLINE hn::Vec<F32> gelu_vector(hn::Vec<F32> x) {
  const F32 d;
  constexpr float kFine[] = {0.157040539f, 0.431102029f, -0.749061788f, 2.04009536f,
                             -2.08554139f, 1.50481504f,  -0.298449789f};
  constexpr float kCoarse[] = {0.25482627f, -0.284481168f, 1.42138661f, -1.45313116f, 1.06139945f};
  constexpr std::size_t kDegree = kRough ? 4 : 6;
  const float* coefficients = kRough ? kCoarse : kFine;
  const auto size = hn::Abs(x);
  const auto divisor = hn::MulAdd(size, hn::Set(d, 0.3275911f * 0.70710678f), hn::Set(d, 1.0f));
  const auto t = kRough ? rough_reciprocal(divisor) : hn::Div(hn::Set(d, 1.0f), divisor);
  auto p = hn::Set(d, coefficients[kDegree]);
  for (std::size_t i = kDegree; i-- > 0;) p = hn::MulAdd(p, t, hn::Set(d, coefficients[i]));
  const auto root = hn::Mul(size, hn::Set(d, 0.849321800f));  // its square is x^2 / 2 as an exponent of 2
  const auto tail = hn::Mul(exp2_vector<kRough>(hn::Neg(hn::Mul(root, root))), hn::Mul(t, p));
  const auto scaled = hn::Mul(hn::Mul(x, hn::Set(d, 0.5f)), tail);
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), scaled, hn::Sub(x, scaled));
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
