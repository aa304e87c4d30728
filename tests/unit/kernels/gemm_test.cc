#include "kernels/gemm.h"

#include <algorithm>
#include <cmath>

#include "core/half.h"
#include "targets.h"

namespace berta::kernels {
namespace {

using testing::on_every_target;
using testing::random_floats;

struct Case {
  std::size_t rows, in, out;
  Format format;
  Finish finish;
};

/// Everything that a product of random numbers needs, packed.
struct Problem {
  Problem(const Case& shape, std::mt19937& random)
      : words(words_of(shape.in, shape.format)),
        panels(panels_of(shape.out)),
        x(random_floats(random, shape.rows * shape.in)),
        weight(random_floats(random, shape.out * shape.in)),
        bias(random_floats(random, panels * kPanel)),
        factor(shape.rows * words),
        x_scales(shape.rows),
        packed(panels * words * kPanel),
        scales(panels * kPanel),
        sums(panels * kPanel) {
    if (shape.format == Format::f32) {
      std::transform(x.begin(), x.end(), factor.begin(),
                     [](float v) { return std::bit_cast<std::uint32_t>(v); });
    } else {
      convert_rows({.x = x.data(),
                    .x_stride = shape.in,
                    .rows = shape.rows,
                    .columns = shape.in,
                    .format = shape.format,
                    .out = factor.data(),
                    .out_stride = words,
                    .scales = x_scales.data()});
    }
    for (std::size_t p = 0; p < panels; ++p) {
      pack_panel({.rows = weight.data() + p * kPanel * shape.in,
                  .outputs = std::min(kPanel, shape.out - p * kPanel),
                  .in = shape.in,
                  .format = shape.format,
                  .words = packed.data() + p * words * kPanel,
                  .scales = scales.data() + p * kPanel,
                  .sums = sums.data() + p * kPanel});
    }
  }

  std::size_t words, panels;
  std::vector<float> x, weight, bias;
  std::vector<std::uint32_t> factor;
  std::vector<float> x_scales;
  std::vector<std::uint32_t> packed;
  std::vector<float> scales;
  std::vector<std::int32_t> sums;
};

double rounded(float value, Format format, float scale) {
  if (format == Format::f32) return static_cast<double>(value);
  if (format == Format::bf16) return static_cast<double>(bfloat16_to_float(float_to_bfloat16(value)));
  return std::nearbyint(static_cast<double>(value / scale)) * static_cast<double>(scale);
}

/// Output of the formula with inputs rounded to the format, in double.
double plain(const Case& shape, const Problem& in, std::size_t row, std::size_t output) {
  const auto* x = in.x.data() + row * shape.in;
  const auto* w = in.weight.data() + output * shape.in;
  double sum = static_cast<double>(in.bias[output]);
  for (std::size_t i = 0; i < shape.in; ++i) {
    sum += rounded(x[i], shape.format, in.x_scales[row]) * rounded(w[i], shape.format, in.scales[output]);
  }
  return shape.finish == Finish::bias_gelu ? 0.5 * sum * std::erfc(-sum / std::sqrt(2.0)) : sum;
}

void check(const Case& shape, std::mt19937& random) {
  const Problem in(shape, random);
  const std::size_t stride = shape.out + 3;
  constexpr float kUntouched = -77;
  std::vector<float> y(shape.rows * stride, kUntouched);
  for (std::size_t p = 0; p < in.panels; ++p) {
    multiply_panel({.format = shape.format,
                    .x = in.factor.data(),
                    .x_stride = in.words,
                    .x_scales = in.x_scales.data(),
                    .rows = shape.rows,
                    .panel = in.packed.data() + p * in.words * kPanel,
                    .next_panel = in.packed.data(),
                    .inner = in.words,
                    .scales = in.scales.data() + p * kPanel,
                    .sums = in.sums.data() + p * kPanel,
                    .bias = in.bias.data() + p * kPanel,
                    .finish = shape.finish,
                    .y = y.data() + p * kPanel,
                    .y_stride = stride,
                    .columns = std::min(kPanel, shape.out - p * kPanel)});
  }
  // f32 sums of `in` products of size one; int8 rounds ties of the quantised inputs its own way. The gelu of
  // the narrow formats is good to 7e-5.
  const bool rough = shape.format != Format::f32 && shape.finish == Finish::bias_gelu;
  const double bound =
      (shape.format == Format::int8 ? 2e-2 : 2e-6) * std::sqrt(static_cast<double>(shape.in)) +
      (rough ? 7e-5 : 2e-6);
  for (std::size_t row = 0; row < shape.rows; ++row) {
    for (std::size_t o = 0; o < stride; ++o) {
      const float found = y[row * stride + o];
      if (o >= shape.out) {
        ASSERT_EQ(found, kUntouched);
      } else {
        ASSERT_NEAR(found, plain(shape, in, row, o), bound)
            << shape.rows << " x " << shape.in << " x " << shape.out << ", row " << row << ", output " << o
            << ", format " << static_cast<int>(shape.format) << ", finish " << static_cast<int>(shape.finish);
      }
    }
  }
}

TEST(Gemm, EqualsThePlainForm) {
  std::mt19937 random(5);
  on_every_target([&] {
    for (const Format format : {Format::f32, Format::bf16, Format::int8}) {
      for (const Finish finish : {Finish::bias, Finish::bias_gelu}) {
        for (const std::size_t rows : {1, 2, 3, 7, 8, 9, 15, 23}) {
          check({.rows = rows, .in = 37, .out = 50, .format = format, .finish = finish}, random);
        }
        for (const std::size_t out : {1, 7, 15, 16, 17, 33, 47, 48, 49, 97}) {
          check({.rows = 5, .in = 64, .out = out, .format = format, .finish = finish}, random);
        }
        for (const std::size_t in : {1, 2, 3, 4, 5, 31, 32, 33, 300}) {
          check({.rows = 4, .in = in, .out = 20, .format = format, .finish = finish}, random);
        }
      }
    }
  });
}

TEST(Gemm, Int8SurvivesItsExtremes) {  // 127 * 255 * 4 in one word, over a long row: no saturation anywhere
  on_every_target([&] {
    constexpr std::size_t kIn = 4096;
    const std::vector<float> x(kIn, 1.0F);
    const std::vector<float> weight(kIn, 1.0F);
    std::vector<std::uint32_t> factor(kIn / 4);
    float x_scale = 0;
    convert_rows({.x = x.data(),
                  .x_stride = kIn,
                  .rows = 1,
                  .columns = kIn,
                  .format = Format::int8,
                  .out = factor.data(),
                  .out_stride = kIn / 4,
                  .scales = &x_scale});
    std::vector<std::uint32_t> packed(kIn / 4 * kPanel);
    std::vector<float> scales(kPanel);
    std::vector<std::int32_t> sums(kPanel);
    pack_panel({.rows = weight.data(),
                .outputs = 1,
                .in = kIn,
                .format = Format::int8,
                .words = packed.data(),
                .scales = scales.data(),
                .sums = sums.data()});
    const std::vector<float> bias(kPanel);
    float y = 0;
    multiply_panel({.format = Format::int8,
                    .x = factor.data(),
                    .x_stride = kIn / 4,
                    .x_scales = &x_scale,
                    .rows = 1,
                    .panel = packed.data(),
                    .next_panel = nullptr,
                    .inner = kIn / 4,
                    .scales = scales.data(),
                    .sums = sums.data(),
                    .bias = bias.data(),
                    .finish = Finish::bias,
                    .y = &y,
                    .y_stride = 1,
                    .columns = 1});
    EXPECT_NEAR(y, static_cast<float>(kIn), 0.1);
  });
}

}  // namespace
}  // namespace berta::kernels
