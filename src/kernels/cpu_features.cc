#include "kernels/cpu_features.h"

#include <hwy/highway.h>

#include <atomic>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace berta::kernels {
namespace {

bool processor_has_bf16() {
#if defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  // Leaf 7, subleaf 1: AVX512_BF16 is bit 5 of eax.
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & (1u << 5)) != 0;
#else
  return false;
#endif
}

/// Asking the processor is slow (a virtual machine traps it), so it is asked once; 0: not yet, or again after
/// a change.
std::atomic<std::int64_t> known_target = 0;

/// The target that dynamic dispatch takes: the lowest bit is the best.
std::int64_t best_target() {
  if (const std::int64_t known = known_target.load(std::memory_order_relaxed)) return known;
  const std::int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
  known_target = supported & -supported;
  return known_target;
}

}  // namespace

std::string_view target_name() {
  return hwy::TargetName(best_target());
}

std::vector<std::string> compiled_targets() {
  std::vector<std::string> names;
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t target = std::int64_t{1} << bit;
    if ((HWY_TARGETS & target) != 0) names.emplace_back(hwy::TargetName(target));
  }
  return names;
}

std::string highway_version() {
  return std::to_string(HWY_MAJOR) + "." + std::to_string(HWY_MINOR) + "." + std::to_string(HWY_PATCH);
}

bool has_native_int8() {
  return best_target() == HWY_AVX3_DL;
}

bool has_native_bf16() {
  static const bool processor = processor_has_bf16();
  return processor && best_target() == HWY_AVX3_DL;
}

}  // namespace berta::kernels
