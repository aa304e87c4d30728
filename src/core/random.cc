#include "core/random.h"

#include <cmath>
#include <limits>

#include "core/error.h"

namespace berta {
namespace {

constexpr std::uint32_t low_half(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
constexpr std::uint32_t high_half(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}

std::array<std::uint32_t, 4> block_of(const CounterStream::State& state) {
  const std::uint64_t block = state.position / 4;
  return philox({low_half(block), high_half(block), low_half(state.stream), high_half(state.stream)},
                {low_half(state.seed), high_half(state.seed)});
}

}  // namespace

std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key) {
  constexpr std::uint64_t kMultiply0 = 0xD2511F53, kMultiply1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  constexpr int kRounds = 10;
  std::array<std::uint32_t, 4> x = counter;
  std::array<std::uint32_t, 2> k = key;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = kMultiply0 * x[0];
    const std::uint64_t product1 = kMultiply1 * x[2];
    x = {high_half(product1) ^ x[1] ^ k[0], low_half(product1), high_half(product0) ^ x[3] ^ k[1],
         low_half(product0)};
    k[0] += kWeyl0;
    k[1] += kWeyl1;
  }
  return x;
}

CounterStream::CounterStream(const State& state) : state_(state) {
  if (state_.position % 4 != 0) block_ = block_of(state_);
}

std::uint32_t CounterStream::next_u32() {
  if (state_.position % 4 == 0) block_ = block_of(state_);
  return block_[state_.position++ % 4];
}

std::uint64_t CounterStream::next_u64() {
  const std::uint64_t low = next_u32();
  return low | static_cast<std::uint64_t>(next_u32()) << 32;
}

double CounterStream::uniform() {
  return static_cast<double>(next_u64() >> 11) * 0x1p-53;
}

std::uint64_t CounterStream::below(std::uint64_t count) {
  check_internal(count > 0, "a random number below 0");
  if (count <= std::numeric_limits<std::uint32_t>::max()) {
    // Lemire, "Fast random integer generation in an interval" (2019): the high half of a product, but for
    // those low halves that some results would get once more than others.
    std::uint64_t product = next_u32() * count;
    if (low_half(product) < count) {
      const std::uint64_t uneven = (std::uint64_t{1} << 32) % count;
      while (low_half(product) < uneven) product = next_u32() * count;
    }
    return product >> 32;
  }
  // 2^64 mod count numbers at the front would make the first results likelier.
  const std::uint64_t uneven = (0 - count) % count;
  std::uint64_t number = next_u64();
  while (number < uneven) number = next_u64();
  return number % count;
}

double CounterStream::normal() {
  for (;;) {
    const double u = 1 - uniform();  // never 0
    const double v = 1.7156 * (uniform() - 0.5);
    const double x = u - 0.449871;
    const double y = std::abs(v) + 0.386595;
    const double q = x * x + y * (0.19600 * y - 0.25472 * x);
    if (q < 0.27597) return v / u;
    if (q <= 0.27846 && v * v <= -4 * std::log(u) * (u * u)) return v / u;
  }
}

std::uint64_t seed_for(std::uint64_t seed, std::uint64_t purpose) {
  return CounterStream(seed, purpose).next_u64();
}

}  // namespace berta
