#include "kernels/peaks.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/peaks.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <algorithm>
#include <chrono>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/parallel.h"
#include "kernels/cpu_features.h"
#include "kernels/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// As many chains as the products' register tile has: they hide the latency of a multiply-add.
inline constexpr int kChains = HWY_TARGET <= HWY_AVX3 || !HWY_ARCH_X86 ? 24 : 12;

/// Multiply-adds of `steps` times kChains vectors; the return value keeps them alive.
template <class Dot>
HWY_NOINLINE float run_chains(std::size_t steps, std::uint32_t seed) {
  const U32 d;
  typename Dot::Sum sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = Dot::zero();
  const auto a = hn::Set(d, seed);
  const auto b = hn::Set(d, seed ^ 0x00010001u);
  for (std::size_t step = 0; step < steps; ++step) {
    HWY_UNROLL(24)
    for (int i = 0; i < kChains; ++i) sums[i] = Dot::dot(sums[i], a, b);
  }
  float total = 0;
  for (int i = 0; i < kChains; ++i) total += hn::GetLane(hn::BitCast(F32(), sums[i]));
  return total;
}

/// Operations done by run_chains.
template <class Dot>
double count_chains(std::size_t steps, std::size_t per_word) {
  volatile float sink = run_chains<Dot>(steps, 0x3DCC3DCCu);  // small numbers: no overflow, no denormals
  static_cast<void>(sink);
  return 2.0 * static_cast<double>(steps) * kChains * static_cast<double>(hn::Lanes(U32()) * per_word);
}

double chains_on_target(Format format, std::size_t steps) {
  if (format == Format::f32) return count_chains<DotF32>(steps, 1);
  if (format == Format::int8) return count_chains<DotInt8>(steps, 4);
#if HWY_TARGET == HWY_AVX3_DL
  if (has_native_bf16()) return count_chains<DotBf16Native>(steps, 2);
#endif
  return count_chains<DotBf16>(steps, 2);
}

/// Reads all words, in a few streams: the sum keeps the loads alive.
std::uint32_t read_on_target(const std::uint32_t* words, std::size_t count) {
  const U32 d;
  constexpr std::size_t kStreams = 4;
  Words sums[kStreams] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  const std::size_t each = count / kStreams / 16 * 16;
  for (std::size_t i = 0; i < each; i += hn::Lanes(d)) {
    for (std::size_t s = 0; s < kStreams; ++s) sums[s] = hn::Xor(sums[s], hn::Load(d, words + s * each + i));
  }
  return hn::GetLane(hn::Xor(hn::Xor(sums[0], sums[1]), hn::Xor(sums[2], sums[3])));
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(chains_on_target);
HWY_EXPORT(read_on_target);

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Best rate of once() -> work done, over and over for some seconds.
template <class Once>
double best_rate(double seconds, const Once& once) {
  double best = 0;
  const auto start = Clock::now();
  do {
    const auto one = Clock::now();
    const double work = once();
    best = std::max(best, work / seconds_since(one));
  } while (seconds_since(start) < seconds);
  return best;
}

}  // namespace

double peak_operations(Format format, double seconds) {
  constexpr std::size_t kSteps = 200'000;  // some milliseconds
  const auto count = static_cast<std::size_t>(threads());
  return best_rate(seconds, [&] {
    std::vector<double> done(count);
    parallel_each(count,
                  [&](std::size_t i) { done[i] = HWY_DYNAMIC_DISPATCH(chains_on_target)(format, kSteps); });
    double all = 0;
    for (const double one : done) all += one;
    return all;
  });
}

double read_bandwidth(double seconds) {
  constexpr std::size_t kWords = std::size_t{128} << 20;  // beyond any cache
  AlignedBuffer<std::uint32_t> memory(kWords);
  std::fill_n(memory.data(), kWords, 1u);
  const auto* words = memory.data();
  return best_rate(seconds, [&] {
    parallel_for(kWords / 16, 1, [&](std::size_t begin, std::size_t end) {
      volatile std::uint32_t sink =
          HWY_DYNAMIC_DISPATCH(read_on_target)(words + 16 * begin, 16 * (end - begin));
      static_cast<void>(sink);
    });
    return static_cast<double>(kWords * sizeof(std::uint32_t));
  });
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
