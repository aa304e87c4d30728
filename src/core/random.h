#pragma once

#include <array>
#include <cstdint>

namespace berta {

/// Four random words out of a key and a counter: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
/// random numbers: as easy as 1, 2, 3", SC 2011).
std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key);

/// Random numbers that are a pure function of (seed, stream, how many words were taken): no table, nothing to
/// warm up, and any number of streams that have nothing to do with one another. Copy or save state() to go on
/// later. All machines give the same numbers.
class CounterStream {
 public:
  /// Everything that a stream is. 2^64 words, then it begins again.
  struct State {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;
    std::uint64_t position = 0;  ///< words of 32 bits that were taken

    bool operator==(const State&) const = default;
  };

  CounterStream(std::uint64_t seed, std::uint64_t stream) : CounterStream(State{seed, stream, 0}) {}
  explicit CounterStream(const State& state);

  std::uint32_t next_u32();
  /// The next word is its low half.
  std::uint64_t next_u64();
  /// In [0, 1), 53 bits.
  double uniform();
  /// 0 ... count - 1, each as likely as the others. Throws InternalError for 0.
  std::uint64_t below(std::uint64_t count);
  /// Mean 0, variance 1; ratio of uniforms with the bounds of Leva ("A fast normal random number generator",
  /// 1992). The logarithm only decides whether a pair is taken, in one of 80 cases, so its last bit does not
  /// reach the number.
  double normal();

  const State& state() const { return state_; }

 private:
  State state_;
  std::array<std::uint32_t, 4> block_{};  ///< holds word `position` unless that begins a block
};

/// A seed for one purpose out of the user's seed: streams of different purposes share nothing.
std::uint64_t seed_for(std::uint64_t seed, std::uint64_t purpose);

}  // namespace berta
