#pragma once

#include <array>
#include <cstdint>

namespace berta {

/// Random numbers by xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
/// 2021). The state is begun from (seed, stream) by SplitMix64, so each thread has its own stream, and can be
/// saved.
class RandomStream {
 public:
  using State = std::array<std::uint64_t, 4>;

  RandomStream(std::uint64_t seed, std::uint64_t stream) {
    std::uint64_t x = mixed(seed) + stream;
    for (std::uint64_t& word : state_) word = mixed(x += 0x9E3779B97F4A7C15u);
  }
  explicit RandomStream(const State& state) : state_(state) {}

  std::uint64_t next() {
    const std::uint64_t result = rotated(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotated(state_[3], 45);
    return result;
  }

  /// 0 ... count - 1; off from even by 2^-32 count at most.
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>((next() >> 32) * count >> 32);
  }

  /// In [0, 1), 24 bits.
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }

  const State& state() const { return state_; }

 private:
  static std::uint64_t rotated(std::uint64_t x, int bits) { return x << bits | x >> (64 - bits); }
  static std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
  }

  State state_;
};

}  // namespace berta
