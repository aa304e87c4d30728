#include "kernels/rows.h"

#include <cmath>

#include "targets.h"

namespace berta::kernels {
namespace {

using testing::on_every_target;
using testing::random_floats;

std::vector<double> plain_norm(const std::vector<float>& x, const std::vector<float>* residual,
                               const std::vector<float>& weight, const std::vector<float>& bias,
                               double epsilon) {
  const std::size_t columns = weight.size();
  std::vector<double> out(x.size());
  for (std::size_t row = 0; row < x.size(); row += columns) {
    double mean = 0;
    double variance = 0;
    for (std::size_t i = row; i < row + columns; ++i) {
      out[i] = static_cast<double>(x[i]) + (residual ? static_cast<double>((*residual)[i]) : 0.0);
      mean += out[i] / static_cast<double>(columns);
    }
    for (std::size_t i = row; i < row + columns; ++i) {
      variance += (out[i] - mean) * (out[i] - mean) / static_cast<double>(columns);
    }
    for (std::size_t i = row; i < row + columns; ++i) {
      out[i] = (out[i] - mean) / std::sqrt(variance + epsilon) * static_cast<double>(weight[i - row]) +
               static_cast<double>(bias[i - row]);
    }
  }
  return out;
}

TEST(LayerNorm, EqualsThePlainForm) {
  std::mt19937 random(1);
  on_every_target([&] {
    for (const std::size_t columns : {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 384, 771}) {
      for (const bool with_residual : {false, true}) {
        auto x = random_floats(random, 3 * columns, 5);
        const auto residual = random_floats(random, 3 * columns);
        const auto weight = random_floats(random, columns);
        const auto bias = random_floats(random, columns);
        const auto wanted = plain_norm(x, with_residual ? &residual : nullptr, weight, bias, 1e-7);
        layer_norm({.x = x.data(),
                    .residual = with_residual ? residual.data() : nullptr,
                    .weight = weight.data(),
                    .bias = bias.data(),
                    .rows = 3,
                    .columns = columns,
                    .epsilon = 1e-7F});
        // Few columns may lie close together, and x - mean then cancels: an error of x's last place is
        // divided by the deviation.
        const double bound = columns == 1 ? 2e-3 : columns < 8 ? 1e-4 : 5e-6;
        for (std::size_t i = 0; i < x.size(); ++i) {
          ASSERT_NEAR(x[i], wanted[i], bound) << columns << " columns, element " << i;
        }
      }
    }
  });
}

TEST(LayerNorm, KeepsItsPrecisionFarFromZero) {
  on_every_target([&] {
    std::vector<float> x(64);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1000.0F + static_cast<float>(i % 2);  // variance 1/4
    const std::vector<float> weight(64, 1.0F);
    const std::vector<float> bias(64, 0.0F);
    const auto wanted = plain_norm(x, nullptr, weight, bias, 1e-7);
    layer_norm({.x = x.data(),
                .residual = nullptr,
                .weight = weight.data(),
                .bias = bias.data(),
                .rows = 1,
                .columns = 64,
                .epsilon = 1e-7F});
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], wanted[i], 1e-5);
  });
}

TEST(Gelu, EqualsTheErfForm) {
  on_every_target([&] {
    for (const std::size_t count : {1, 3, 15, 16, 17, 1000}) {
      std::vector<float> x(count);
      for (std::size_t i = 0; i < count; ++i) {
        x[i] = count == 1 ? -0.7F : -12 + 24 * static_cast<float>(i) / static_cast<float>(count - 1);
      }
      const auto before = x;
      gelu(x.data(), count);
      for (std::size_t i = 0; i < count; ++i) {
        const auto v = static_cast<double>(before[i]);
        ASSERT_NEAR(x[i], 0.5 * v * std::erfc(-v / std::sqrt(2.0)), 1e-6) << before[i];
      }
    }
  });
}

TEST(Gelu, HandlesExtremes) {
  on_every_target([&] {
    std::vector<float> x = {1e30F, -1e30F, 0.0F, 100.0F, -100.0F};
    gelu(x.data(), x.size());
    EXPECT_EQ(x[0], 1e30F);
    EXPECT_NEAR(x[1], 0.0F, 1e-6F);
    EXPECT_EQ(x[2], 0.0F);
    EXPECT_EQ(x[3], 100.0F);
    EXPECT_NEAR(x[4], 0.0F, 1e-6F);
  });
}

}  // namespace
}  // namespace berta::kernels
