// Multiply-add of words, compiled once per instruction set (Highway). Include guard toggled per target.
#if defined(BERTA_KERNELS_DOT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_DOT_INL_H_
#undef BERTA_KERNELS_DOT_INL_H_
#else
#define BERTA_KERNELS_DOT_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F32 = hn::ScalableTag<float>;
using I32 = hn::Repartition<std::int32_t, F32>;
using U32 = hn::Repartition<std::uint32_t, F32>;
using Words = hn::Vec<U32>;

/// sum + a b, one float a word.
struct DotF32 {
  using Sum = hn::Vec<F32>;
  static HWY_INLINE Sum zero() { return hn::Zero(F32()); }
  static HWY_INLINE Sum dot(Sum sum, Words a, Words b) {
    const F32 d;
    return hn::MulAdd(hn::BitCast(d, a), hn::BitCast(d, b), sum);
  }
};

/// sum + a0 b0 + a1 b1, two bfloat16 a word, on machines without an instruction for it.
struct DotBf16 {
  using Sum = hn::Vec<F32>;
  static HWY_INLINE Sum zero() { return hn::Zero(F32()); }
  static HWY_INLINE Sum dot(Sum sum, Words a, Words b) {
    const F32 d;
    const auto high = hn::Set(U32(), 0xFFFF0000u);
    const auto even =
        hn::MulAdd(hn::BitCast(d, hn::ShiftLeft<16>(a)), hn::BitCast(d, hn::ShiftLeft<16>(b)), sum);
    return hn::MulAdd(hn::BitCast(d, hn::And(a, high)), hn::BitCast(d, hn::And(b, high)), even);
  }
};

#if HWY_TARGET == HWY_AVX3_DL

/// AVX512_BF16 is no part of this Highway target: the caller asks the processor first (has_native_bf16). As
/// text, since the compiler is not told of it.
struct DotBf16Native {
  using Sum = hn::Vec<F32>;
  static HWY_INLINE Sum zero() { return hn::Zero(F32()); }
  static HWY_INLINE Sum dot(Sum sum, Words a, Words b) {
    asm("vdpbf16ps %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
    return sum;
  }
};

/// sum + a0 b0 + ... + a3 b3, a unsigned and b signed bytes. As text: from the intrinsic g++ 12 makes a
/// register copy for each instruction, which halves the speed.
struct DotInt8 {
  using Sum = hn::Vec<I32>;
  static HWY_INLINE Sum zero() { return hn::Zero(I32()); }
  static HWY_INLINE Sum dot(Sum sum, Words a, Words b) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
    return sum;
  }
};

#elif HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2

struct DotInt8 {
  using Sum = hn::Vec<I32>;
  static HWY_INLINE Sum zero() { return hn::Zero(I32()); }
  /// Products of 16 bits, which do not saturate as those of vpmaddubsw do.
  static HWY_INLINE Sum dot(Sum sum, Words a, Words b) {
    const hn::Repartition<std::int16_t, F32> d;
    const hn::Repartition<std::uint16_t, F32> du;
    const auto a16 = hn::BitCast(du, a);
    const auto b16 = hn::BitCast(d, b);
    const auto a_even = hn::BitCast(d, hn::And(a16, hn::Set(du, 0xFF)));
    const auto a_odd = hn::BitCast(d, hn::ShiftRight<8>(a16));
    const auto b_even = hn::ShiftRight<8>(hn::ShiftLeft<8>(b16));
    return hn::Add(sum, hn::Add(pairs(a_even, b_even), pairs(a_odd, hn::ShiftRight<8>(b16))));
  }

 private:
  /// a0 b0 + a1 b1 of neighbours, in place (Highway's widening products may reorder lanes).
  template <class V>
  static HWY_INLINE Sum pairs(V a, V b) {
#if HWY_TARGET == HWY_AVX3
    return Sum{_mm512_madd_epi16(a.raw, b.raw)};
#else
    return Sum{_mm256_madd_epi16(a.raw, b.raw)};
#endif
  }
};

#else

struct DotInt8 {
  using Sum = hn::Vec<I32>;
  static HWY_INLINE Sum zero() { return hn::Zero(I32()); }
  static HWY_INLINE Sum dot(Sum sum, Words a, Words b) {
    const Sum low = hn::Add(byte<0>(a, b), byte<1>(a, b));
    return hn::Add(sum, hn::Add(low, hn::Add(byte<2>(a, b), byte<3>(a, b))));
  }

 private:
  template <int kByte>
  static HWY_INLINE Sum byte(Words a, Words b) {
    const I32 d;
    const auto unsigned_byte = hn::And(hn::ShiftRight<8 * kByte>(a), hn::Set(U32(), 0xFF));
    const auto signed_byte = hn::ShiftRight<24>(hn::BitCast(d, hn::ShiftLeft<24 - 8 * kByte>(b)));
    return hn::Mul(hn::BitCast(d, unsigned_byte), signed_byte);
  }
};

#endif

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
