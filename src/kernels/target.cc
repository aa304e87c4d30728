#include "kernels/target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/target.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

std::int64_t compiled_target() {
  return HWY_TARGET;
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {
namespace {
HWY_EXPORT(compiled_target);
}  // namespace

std::string_view target_name() {
  return hwy::TargetName(HWY_DYNAMIC_DISPATCH(compiled_target)());
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

}  // namespace berta::kernels
#endif
