#include "kernels/training_rows.h"

#include <cmath>

#include "targets.h"

namespace berta::kernels {
namespace {

using testing::on_every_target;

struct Case {
  std::size_t rows, columns;
  bool residual;
  double dropout;
};

constexpr std::uint64_t kKey = 99;
constexpr std::size_t kFirstRow = 5;

double multiplier(const Dropout& dropout, std::size_t row, std::size_t column) {
  if (!dropout.active()) return 1;
  const Dropout at = dropout.of(kFirstRow + row);
  const auto hash = element_hash(static_cast<std::uint32_t>(at.key), static_cast<std::uint32_t>(at.key >> 32),
                                 static_cast<std::uint32_t>(column));
  return hash < at.threshold ? 0 : at.scale();
}

struct Numbers {
  Numbers(const Case& shape, std::mt19937& random) : dropout{dropout_threshold(shape.dropout), kKey} {
    const auto draw = [&](std::size_t count) {
      std::normal_distribution<double> normal(0.3, 1);
      std::vector<double> values(count);
      for (double& number : values) number = normal(random);
      return values;
    };
    x = draw(shape.rows * shape.columns), residual = draw(shape.rows * shape.columns);
    weight = draw(shape.columns), bias = draw(shape.columns), d_out = draw(shape.rows * shape.columns);
  }
  Dropout dropout;
  std::vector<double> x, residual, weight, bias, d_out;
};

constexpr double kEpsilon = 1e-7;

/// sum(out * d_out) by the formula.
double plain_loss(const Case& shape, const Numbers& in) {
  double loss = 0;
  for (std::size_t r = 0; r < shape.rows; ++r) {
    const std::size_t at = r * shape.columns;
    std::vector<double> sum(shape.columns);
    double mean = 0, variance = 0;
    for (std::size_t i = 0; i < shape.columns; ++i) {
      sum[i] = in.x[at + i] * multiplier(in.dropout, r, i) + (shape.residual ? in.residual[at + i] : 0);
      mean += sum[i] / static_cast<double>(shape.columns);
    }
    for (const double value : sum)
      variance += (value - mean) * (value - mean) / static_cast<double>(shape.columns);
    for (std::size_t i = 0; i < shape.columns; ++i) {
      const double normed = (sum[i] - mean) / std::sqrt(variance + kEpsilon);
      loss += (normed * in.weight[i] + in.bias[i]) * in.d_out[at + i];
    }
  }
  return loss;
}

template <class T>
struct Result {
  std::vector<T> out, d_x, d_residual, d_weight, d_bias;
};

template <class T>
Result<T> run(const Case& shape, const Numbers& in) {
  const auto cast = [](const std::vector<double>& from) { return std::vector<T>(from.begin(), from.end()); };
  const auto residual = cast(in.residual), weight = cast(in.weight), bias = cast(in.bias),
             d_out = cast(in.d_out);
  std::vector<T> sum = cast(in.x), statistics(2 * shape.rows);
  Result<T> result{std::vector<T>(sum.size()), std::vector<T>(sum.size()), std::vector<T>(sum.size()),
                   std::vector<T>(shape.columns), std::vector<T>(shape.columns)};
  norm_forward(NormForward<T>{.x = sum.data(),
                              .residual = shape.residual ? residual.data() : nullptr,
                              .sum = sum.data(),
                              .out = result.out.data(),
                              .statistics = statistics.data(),
                              .weight = weight.data(),
                              .bias = bias.data(),
                              .first_row = kFirstRow,
                              .rows = shape.rows,
                              .columns = shape.columns,
                              .epsilon = static_cast<T>(kEpsilon),
                              .dropout = in.dropout});
  norm_backward(NormBackward<T>{.d_out = d_out.data(),
                                .sum = sum.data(),
                                .statistics = statistics.data(),
                                .weight = weight.data(),
                                .d_residual = result.d_residual.data(),
                                .d_x = in.dropout.active() ? result.d_x.data() : nullptr,
                                .d_weight = result.d_weight.data(),
                                .d_bias = result.d_bias.data(),
                                .first_row = kFirstRow,
                                .rows = shape.rows,
                                .columns = shape.columns,
                                .dropout = in.dropout});
  if (!in.dropout.active()) result.d_x = result.d_residual;
  return result;
}

void check_gradient(const Case& shape, Numbers& in, std::vector<double>& input,
                    const std::vector<double>& found, std::mt19937& random) {
  for (int trial = 0; trial < 10; ++trial) {
    const std::size_t at = random() % input.size();
    constexpr double kStep = 1e-5;
    const double before = std::exchange(input[at], input[at] + kStep);
    const double above = plain_loss(shape, in);
    input[at] = before - kStep;
    const double below = plain_loss(shape, in);
    input[at] = before;
    ASSERT_NEAR(found[at], (above - below) / (2 * kStep), 2e-7 * (1 + std::abs(found[at])))
        << "element " << at;
  }
}

TEST(TrainingRows, GradientsAreTheDerivatives) {
  std::mt19937 random(4);
  on_every_target([&] {
    for (const std::size_t columns : {2, 3, 7, 16, 17, 40, 64}) {
      for (const bool residual : {false, true}) {
        for (const double dropout : {0.0, 0.4}) {
          const Case shape{3, columns, residual, dropout};
          Numbers in(shape, random);
          const auto exact = run<double>(shape, in);
          check_gradient(shape, in, in.x, exact.d_x, random);
          if (residual) check_gradient(shape, in, in.residual, exact.d_residual, random);
          check_gradient(shape, in, in.weight, exact.d_weight, random);
          check_gradient(shape, in, in.bias, exact.d_bias, random);
          const auto rough = run<float>(shape, in);
          // A row of two numbers may lie together, and its norm then magnifies their rounding.
          const double bound = columns < 4 ? 1e-2 : 1e-4;
          for (std::size_t i = 0; i < exact.out.size(); ++i) {
            ASSERT_NEAR(static_cast<double>(rough.out[i]), exact.out[i], bound);
            ASSERT_NEAR(static_cast<double>(rough.d_x[i]), exact.d_x[i], bound);
          }
        }
      }
    }
  });
}

TEST(TrainingRows, DropsByRowAndColumnWhateverTheSplit) {
  constexpr std::size_t kRows = 9, kColumns = 37;
  const Dropout dropout{dropout_threshold(0.5), kKey};
  const std::vector<float> x(kRows * kColumns, 1);
  on_every_target([&] {
    std::vector<float> whole(x.size()), parts(x.size());
    drop_rows(DropTask<float>{x.data(), whole.data(), kFirstRow, kRows, kColumns, dropout});
    drop_rows(DropTask<float>{x.data(), parts.data(), kFirstRow, 4, kColumns, dropout});
    drop_rows(DropTask<float>{x.data() + 4 * kColumns, parts.data() + 4 * kColumns, kFirstRow + 4, 5,
                              kColumns, dropout});
    EXPECT_EQ(whole, parts);
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t c = 0; c < kColumns; ++c) {
        EXPECT_EQ(whole[r * kColumns + c], static_cast<float>(multiplier(dropout, r, c)));
      }
    }
  });
}

}  // namespace
}  // namespace berta::kernels
