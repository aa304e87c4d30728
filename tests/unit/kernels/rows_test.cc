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

}  // namespace
}  // namespace berta::kernels
