#include "kernels/training_linear.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/half.h"
#include "targets.h"

namespace berta::kernels {
namespace {

using testing::on_every_target;

constexpr std::size_t kRows = 3;
constexpr std::size_t kColumns[] = {1, 2, 7, 16, 17, 40, 64};
constexpr float kUntouched = -77;

std::vector<float> draw(std::size_t count, std::mt19937& random) {
  std::normal_distribution<float> normal(0.2f, 2);
  std::vector<float> values(count);
  for (float& number : values) number = normal(random);
  return values;
}

double number(float x) {
  return static_cast<double>(x);
}
double number(std::uint16_t x) {
  return static_cast<double>(bfloat16_to_float(x));
}

template <class T>
std::vector<T> cast(const std::vector<float>& from) {
  std::vector<T> to;
  for (const float x : from) {
    if constexpr (std::is_same_v<T, float>) {
      to.push_back(x);
    } else {
      to.push_back(float_to_bfloat16(x));
    }
  }
  return to;
}

/// What a result may be wrong by: rounding to T, and that of the formula in float.
template <class T>
double allowed(double right) {
  return std::is_same_v<T, float> ? 3e-7 * (1 + std::abs(right)) : 0.0040 * std::abs(right) + 3e-7;
}

double cumulated(double x) {
  return std::erfc(-x / std::sqrt(2.0)) / 2;
}
double slope(double x) {
  return cumulated(x) + x * std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0));
}

TEST(TrainingLinear, WidensRowsAndAddsTheBias) {
  std::mt19937 random(1);
  on_every_target([&] {
    for (const std::size_t columns : kColumns) {
      const auto x = cast<std::uint16_t>(draw(kRows * columns, random));
      const std::vector<float> bias = draw(columns, random);
      std::vector<float> with(x.size() + 1, kUntouched), without(x.size());
      widen_rows({x.data(), bias.data(), with.data(), kRows, columns});
      widen_rows({x.data(), nullptr, without.data(), kRows, columns});
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_EQ(without[i], bfloat16_to_float(x[i]));
        ASSERT_EQ(with[i], bfloat16_to_float(x[i]) + bias[i % columns]);
      }
      ASSERT_EQ(with.back(), kUntouched);
    }
  });
}

TEST(TrainingLinear, NarrowsRowsAndSumsThem) {
  std::mt19937 random(2);
  on_every_target([&] {
    for (const std::size_t columns : kColumns) {
      const std::vector<float> x = draw(kRows * columns, random);
      const std::vector<float> before = draw(columns, random);
      std::vector<float> sums = before, alone = before;
      std::vector<std::uint16_t> out(x.size()), unsummed(x.size());
      narrow_rows({x.data(), out.data(), sums.data(), kRows, columns});
      narrow_rows({x.data(), nullptr, alone.data(), kRows, columns});
      narrow_rows({x.data(), unsummed.data(), nullptr, kRows, columns});
      ASSERT_EQ(out, cast<std::uint16_t>(x));
      ASSERT_EQ(unsummed, out);
      ASSERT_EQ(alone, sums);
      for (std::size_t c = 0; c < columns; ++c) {
        float sum = before[c];
        for (std::size_t r = 0; r < kRows; ++r) sum += x[r * columns + c];
        ASSERT_EQ(sums[c], sum);
      }
    }
  });
}

template <class T>
void check_gelu(std::size_t columns, std::mt19937& random) {
  const auto x = cast<T>(draw(kRows * columns, random)), d_out = cast<T>(draw(kRows * columns, random));
  const std::vector<float> bias = draw(columns, random);
  std::vector<T> out(x.size()), d_x(x.size());
  std::vector<float> d_bias(columns, 1.0f);
  gelu_forward(GeluForward<T>{x.data(), bias.data(), out.data(), kRows, columns});
  gelu_backward(
      GeluBackward<T>{d_out.data(), x.data(), bias.data(), d_x.data(), d_bias.data(), kRows, columns});
  std::vector<double> sums(columns, 1.0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double u = number(x[i]) + number(bias[i % columns]);
    const double value = u * cumulated(u), gradient = number(d_out[i]) * slope(u);
    ASSERT_NEAR(number(out[i]), value, allowed<T>(value) + 3e-7 * std::abs(u)) << u;
    ASSERT_NEAR(number(d_x[i]), gradient, allowed<T>(gradient) + 1e-6 * std::abs(number(d_out[i]))) << u;
    sums[i % columns] += gradient;
  }
  // Sums are of what was not yet rounded.
  for (std::size_t c = 0; c < columns; ++c) ASSERT_NEAR(number(d_bias[c]), sums[c], 2e-5);
}

TEST(TrainingLinear, GeluAndItsGradientAreTheFormula) {
  std::mt19937 random(3);
  on_every_target([&] {
    for (const std::size_t columns : kColumns) {
      check_gelu<float>(columns, random);
      check_gelu<std::uint16_t>(columns, random);
    }
  });
}

TEST(TrainingLinear, GeluOfFarNumbersAndOfNoNumbers) {
  on_every_target([&] {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> x = {-200, -20, -6, 6, 20, 200, nan}, ones(x.size(), 1.0f), bias(x.size());
    std::vector<float> out(x.size()), d_x(x.size()), d_bias(x.size());
    gelu_forward(GeluForward<float>{x.data(), bias.data(), out.data(), 1, x.size()});
    gelu_backward(
        GeluBackward<float>{ones.data(), x.data(), bias.data(), d_x.data(), d_bias.data(), 1, x.size()});
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      ASSERT_NEAR(number(out[i]), number(x[i]) * cumulated(number(x[i])), 1e-7 * std::abs(number(x[i])));
      ASSERT_NEAR(number(d_x[i]), slope(number(x[i])), 1e-6);
    }
    ASSERT_TRUE(std::isnan(out.back()));
    ASSERT_TRUE(std::isnan(d_x.back()));
    std::uint16_t narrow = 0;
    narrow_rows({&nan, &narrow, nullptr, 1, 1});
    ASSERT_TRUE(std::isnan(bfloat16_to_float(narrow)));
  });
}

}  // namespace
}  // namespace berta::kernels
