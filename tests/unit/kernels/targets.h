#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <functional>
#include <random>
#include <vector>

namespace berta::kernels::testing {

/// Runs `body` once on each instruction set that this machine has, and then lets the kernels choose again.
inline void on_every_target(const std::function<void()>& body) {
  for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) {
    const std::int64_t target = left & -left;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    SCOPED_TRACE(hwy::TargetName(target));
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

inline std::vector<float> random_floats(std::mt19937& random, std::size_t count, float spread = 1) {
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

}  // namespace berta::kernels::testing
