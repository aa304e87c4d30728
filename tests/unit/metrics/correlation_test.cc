#include "metrics/correlation.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "golden.h"

namespace berta::metrics {
namespace {

using Doubles = std::vector<double>;

// Reference values: scipy 1.17.1, rankdata and spearmanr.
TEST(Ranks, EqualValuesShareTheMeanOfTheirPlaces) {
  EXPECT_EQ(average_ranks(Doubles{1, 2, 2, 3, 5, 5, 5, 9}), (Doubles{1, 2.5, 2.5, 4, 6, 6, 6, 8}));
  EXPECT_EQ(average_ranks(Doubles{2, 1, 4, 4, 3, 8, 7, 7}), (Doubles{2, 1, 4.5, 4.5, 3, 8, 6.5, 6.5}));
  EXPECT_TRUE(average_ranks({}).empty());
}

TEST(Correlation, SpearmanWithTiesAsScipy) {
  EXPECT_NEAR(spearman(Doubles{1, 2, 2, 3, 5, 5, 5, 9}, Doubles{2, 1, 4, 4, 3, 8, 7, 7}), 0.7144097497387378,
              1e-15);
  EXPECT_DOUBLE_EQ(spearman(Doubles{1, 2, 3}, Doubles{-5, 0, 1e9}), 1);
  EXPECT_DOUBLE_EQ(spearman(Doubles{1, 2, 3}, Doubles{3, 2, 1}), -1);
}

TEST(Correlation, OfEqualOrNoValuesIsNotDefined) {
  for (const auto correlation : {pearson, spearman}) {
    EXPECT_TRUE(std::isnan(correlation(Doubles{1, 1, 1}, Doubles{1, 2, 3})));
    EXPECT_TRUE(std::isnan(correlation(Doubles{1}, Doubles{2})));
    EXPECT_TRUE(std::isnan(correlation({}, {})));
    EXPECT_THROW(correlation(Doubles{1, 2}, Doubles{1}), InternalError);
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isnan(pearson(Doubles{1, 2, kInfinity}, Doubles{1, 2, 3})));
  EXPECT_DOUBLE_EQ(spearman(Doubles{1, 2, kInfinity}, Doubles{1, 2, 3}), 1);
  EXPECT_TRUE(std::isnan(mean_squared_error({}, {})));
}

TEST(Correlation, AsScipy) {
  for (const io::Json& golden : golden_cases("regression")) {
    const Metrics metrics = regression_metrics(numbers(golden, "a"), numbers(golden, "b"));
    const double pearson = number(golden, "pearson");
    const double spearman = number(golden, "spearman");
    expect_close(value_of(metrics, "pearson"), pearson, "pearson");
    expect_close(value_of(metrics, "spearmanr"), spearman, "spearman");
    expect_close(value_of(metrics, "combined_score"), (pearson + spearman) / 2, "combined");
    expect_close(value_of(metrics, "mse"), number(golden, "mse"), "mse");
  }
}

}  // namespace
}  // namespace berta::metrics
