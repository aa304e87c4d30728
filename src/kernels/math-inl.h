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

/// What gelu and its slope are made of: the bell exp(-x^2 / 2) and the tail erfc(|x| / sqrt 2).
struct Bell {
  hn::Vec<F32> bell, tail;
};

/// erfc(y) = exp(-y^2) t P(t), t = 1 / (1 + p y): tools/kernels/fit_erf.py 6 gives P and its error, 4e-9.
HWY_INLINE Bell bell_and_tail(hn::Vec<F32> x) {
  const F32 d;
  constexpr float kP[] = {0.157040539f, 0.431102029f, -0.749061788f, 2.04009536f,
                          -2.08554139f, 1.50481504f,  -0.298449789f};
  const auto size = hn::Abs(x);
  const auto t =
      hn::Div(hn::Set(d, 1.0f), hn::MulAdd(size, hn::Set(d, 0.3275911f * 0.70710678f), hn::Set(d, 1.0f)));
  auto p = hn::Set(d, kP[6]);
  for (std::size_t i = 6; i-- > 0;) p = hn::MulAdd(p, t, hn::Set(d, kP[i]));
  const auto root = hn::Mul(size, hn::Set(d, 0.849321800f));  // its square is x^2 / 2 as an exponent of 2
  const auto bell = exp2_vector<false>(hn::Neg(hn::Mul(root, root)));
  return {bell, hn::Mul(bell, hn::Mul(t, p))};
}

/// x Phi(x) = x / 2 (1 + erf(x / sqrt 2)).
HWY_INLINE hn::Vec<F32> fine_gelu(hn::Vec<F32> x) {
  const F32 d;
  const auto scaled = hn::Mul(hn::Mul(x, hn::Set(d, 0.5f)), bell_and_tail(x).tail);
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), scaled, hn::Sub(x, scaled));
}

/// Its derivative, Phi(x) + x phi(x).
HWY_INLINE hn::Vec<F32> fine_gelu_slope(hn::Vec<F32> x) {
  const F32 d;
  const Bell of = bell_and_tail(x);
  const auto below = hn::Mul(hn::Set(d, 0.5f), of.tail);
  const auto part = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), below, hn::Sub(hn::Set(d, 1.0f), below));
  constexpr float kHeight = 0.398942280f;  // 1 / sqrt(2 pi)
  return hn::MulAdd(hn::Mul(x, hn::Set(d, kHeight)), of.bell, part);
}

/// The same as max(x, 0) - u Q(u), u = min(|x|, 4.2), of which tools/kernels/fit_gelu.py 9 gives Q. The error
/// is at most 7e-5, a third of it by rounding: a 25th of what rounding to bfloat16 may do to a 1. Half the
/// operations of the fine one.
HWY_INLINE hn::Vec<F32> rough_gelu(hn::Vec<F32> x) {
  const F32 d;
  constexpr float kQ[] = {0.500214228f,   -0.401924892f, 0.014342357f,   0.0325312415f,   0.0456564879f,
                          -0.0469738469f, 0.0180559878f, -0.0036118451f, 0.000377008347f, -1.63241478e-05f};
  const auto u = hn::Min(hn::Abs(x), hn::Set(d, 4.2f));
  auto q = hn::Set(d, kQ[9]);
  for (std::size_t i = 9; i-- > 0;) q = hn::MulAdd(q, u, hn::Set(d, kQ[i]));
  return hn::NegMulAdd(u, q, hn::Max(x, hn::Zero(d)));
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
