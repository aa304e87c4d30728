#pragma once

#include <cmath>
#include <cstdint>

namespace berta::kernels {

/// Which elements a dropout drops: a pure function of the key and the element's place, so a backward pass, a
/// checkpointed layer and a resumed run see the same mask without storing it.
struct Dropout {
  std::uint32_t threshold = 0;  ///< elements whose hash is below are dropped; 0: none
  std::uint64_t key = 0;        ///< of the step and of the place in the model

  bool active() const { return threshold != 0; }
  /// What the kept elements are multiplied with.
  double scale() const { return 1 / (1 - threshold * 0x1p-32); }
  /// The same places for another row or head.
  Dropout of(std::uint64_t part) const;
};

/// `rate` in [0, 1).
inline std::uint32_t dropout_threshold(double rate) {
  return static_cast<std::uint32_t>(std::lround(rate * 0x1p32 > 0xFFFFFFFFp0 ? 0xFFFFFFFFp0 : rate * 0x1p32));
}

/// A bijection of 64 bits whose outputs look independent: the finaliser of SplitMix64 (Steele, Lea, Flood
/// 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

inline Dropout Dropout::of(std::uint64_t part) const {
  return {threshold, mix(key ^ mix(part))};
}

/// 32 bits of one element of a row; of 32-bit operations alone, so that compilers vectorise a loop over
/// elements. The multipliers are those of "lowbias32", found by search for low bias (Wellons 2018).
constexpr std::uint32_t element_hash(std::uint32_t low, std::uint32_t high, std::uint32_t element) {
  std::uint32_t x = element * 0x9E3779B9u + low;
  x = (x ^ (x >> 16)) * 0x7FEB352Du;
  x = (x ^ (x >> 15) ^ high) * 0x846CA68Bu;
  return x ^ (x >> 16);
}

}  // namespace berta::kernels
