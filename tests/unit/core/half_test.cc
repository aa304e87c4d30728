#include "core/half.h"

#include <gtest/gtest.h>

#include <cmath>

namespace berta {
namespace {

TEST(Half, EveryNumberReadsBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = half_to_float(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(half_to_float(float_to_half(value))));
    } else {
      EXPECT_EQ(float_to_half(value), bits);
    }
  }
}

// Between two neighbours: the nearer one, and from the middle the even one.
TEST(Half, RoundsToNearestEven) {
  for (std::uint32_t bits = 0; bits < 0x7C00; ++bits) {
    const float low = half_to_float(static_cast<std::uint16_t>(bits));
    const float high = bits == 0x7BFF ? 65536.0F : half_to_float(static_cast<std::uint16_t>(bits + 1));
    const float middle = low + (high - low) / 2;
    const std::uint32_t even = bits + (bits & 1u);
    EXPECT_EQ(float_to_half(middle), even);
    EXPECT_EQ(float_to_half(-middle), even | 0x8000u);
    EXPECT_EQ(float_to_half(std::nextafter(middle, 0.0F)), bits);
    EXPECT_EQ(float_to_half(std::nextafter(middle, high)), bits + 1);
  }
  EXPECT_EQ(float_to_half(1e30F), 0x7C00u);
  EXPECT_EQ(float_to_half(1e-30F), 0u);
}

}  // namespace
}  // namespace berta
