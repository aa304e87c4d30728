#include "wordvec/principal_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/parallel.h"
#include "space.h"
#include "wordvec/symmetric_eigen.h"

namespace berta::wordvec {
namespace {

const std::vector<std::vector<float>> kTall = {{2, 0, 1}, {0, 1, 3}, {-1, 2, 0}, {4, -1, 2}, {1, 1, 1}};

void expect_near(std::span<const double> found, const std::vector<double>& wanted, double tolerance) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], tolerance) << i;
}

std::vector<double> along(const PrincipalMap& map, std::size_t axis) {
  std::vector<double> values;
  for (const auto& point : map.points) values.push_back(point[axis]);
  return values;
}

// numpy 2.4.6, eigvalsh.
TEST(SymmetricEigen, JacobiAsNumpy) {
  const std::vector<double> matrix = {4, 1, 0, 2, 1, 3, 1, 0, 0, 1, 2, -1, 2, 0, -1, 5};
  const EigenPairs pairs = jacobi_eigen(matrix, 4);
  expect_near(pairs.values, {6.749494411215115, 4.183026351142284, 1.8815192199632875, 1.185960017679309},
              1e-12);
  for (std::size_t j = 0; j < 4; ++j) {
    for (std::size_t i = 0; i < 4; ++i) {
      double product = 0;
      double overlap = 0;
      for (std::size_t k = 0; k < 4; ++k) {
        product += matrix[i * 4 + k] * pairs.vectors[j][k];
        overlap += pairs.vectors[i][k] * pairs.vectors[j][k];
      }
      EXPECT_NEAR(product, pairs.values[j] * pairs.vectors[j][i], 1e-12);
      EXPECT_NEAR(overlap, i == j ? 1 : 0, 1e-12);
    }
  }
}

TEST(SymmetricEigen, SubspaceIterationFindsWhatJacobiFinds) {
  constexpr std::size_t kSide = 60;
  std::mt19937 random(5);
  std::vector<double> root(kSide * kSide);
  for (double& value : root) value = static_cast<double>(random()) / 4294967296.0 - 0.5;
  std::vector<double> matrix(kSide * kSide);
  for (std::size_t i = 0; i < kSide; ++i) {
    for (std::size_t j = 0; j < kSide; ++j) {
      for (std::size_t k = 0; k < kSide; ++k)
        matrix[i * kSide + j] += root[i * kSide + k] * root[j * kSide + k];
    }
  }
  const EigenPairs all = jacobi_eigen(matrix, kSide);
  const EigenPairs largest = largest_eigen(matrix, kSide, 3);
  ASSERT_EQ(largest.values.size(), 3u);
  for (std::size_t j = 0; j < 3; ++j) {
    EXPECT_NEAR(largest.values[j], all.values[j], 1e-9 * all.values[0]);
    double overlap = 0;
    for (std::size_t k = 0; k < kSide; ++k) overlap += largest.vectors[j][k] * all.vectors[j][k];
    EXPECT_NEAR(std::abs(overlap), 1, 1e-9);
  }
}

TEST(SymmetricEigen, ZerosAndSmallMatrices) {
  EXPECT_TRUE(largest_eigen({}, 0, 2).values.empty());
  EXPECT_EQ(largest_eigen(std::vector<double>{7}, 1, 2).values, std::vector<double>{7});
  EXPECT_EQ(largest_eigen(std::vector<double>(9), 3, 2).values, (std::vector<double>{0, 0}));
}

// numpy 2.4.6: eigh of the centred products; the sign that makes the largest number positive.
TEST(PrincipalMap, MorePointsThanNumbersAsNumpy) {
  const PrincipalMap map = principal_map(make_rows(kTall));
  expect_near(map.explained, {0.81673981, 0.18020326}, 1e-8);
  expect_near(map.axes[0], {0.8394222349914635, -0.4998401385347633, 0.21337794476347696}, 1e-10);
  expect_near(map.axes[1], {-0.24804931357348645, -0.0030205324136907685, 0.9687426977374642}, 1e-10);
  expect_near(
      along(map, 0),
      {0.886090693208638, -0.8658380257820985, -2.845234233598756, 3.278153246489805, -0.45317168031758875},
      1e-10);
}

TEST(PrincipalMap, FewerPointsThanNumbersAsNumpy) {
  const PrincipalMap map = principal_map(make_rows({{2, 0, -1, 4, 1}, {0, 1, 2, -1, 1}, {1, 3, 0, 2, 1}}));
  expect_near(map.explained, {0.814576435, 0.185423565}, 1e-8);
  expect_near(map.axes[1],
              {-0.038513055210808125, 0.9852817018039093, -0.13543545202348917, 0.09692239681268075, 0},
              1e-10);
  expect_near(along(map, 0), {3.0176232877716256, -3.2250224373080982, 0.2073991495364721}, 1e-10);
  expect_near(along(map, 1), {-0.9454891290217798, -0.7740996569301255, 1.7195887859519055}, 1e-10);
}

// Variances 9, 4 and 1 along turned axes, exactly: points at +-1 along each.
TEST(PrincipalMap, AKnownCovariance) {
  const float s = std::sqrt(0.5f);
  std::vector<std::vector<float>> rows;
  for (const float sign : {1.0f, -1.0f}) {
    rows.push_back({10 + 3 * s * sign, 20 + 3 * s * sign, 30});
    rows.push_back({10 - 2 * s * sign, 20 + 2 * s * sign, 30});
    rows.push_back({10, 20, 30 + sign});
  }
  const PrincipalMap map = principal_map(make_rows(rows));
  expect_near(map.explained, {9.0 / 14, 4.0 / 14}, 1e-6);
  const auto s_double = static_cast<double>(s);
  expect_near(map.axes[0], {s_double, s_double, 0}, 1e-6);
  EXPECT_NEAR(std::abs(map.axes[1][0]), s_double, 1e-6);
  EXPECT_NEAR(map.points[0][0], 3, 1e-5);
}

TEST(PrincipalMap, PointsThatAreEqualOrOnALine) {
  const PrincipalMap none = principal_map(make_rows({{1, 2}, {1, 2}, {1, 2}}));
  EXPECT_EQ(none.explained, (std::array<double, 2>{0, 0}));
  for (const auto& point : none.points) EXPECT_EQ(point, (std::array<double, 2>{0, 0}));
  const PrincipalMap one = principal_map(make_rows({{1, 1, 0}, {2, 2, 0}, {3, 3, 0}}));
  EXPECT_NEAR(one.explained[0], 1, 1e-12);
  EXPECT_EQ(one.explained[1], 0);
  EXPECT_EQ(along(one, 1), (std::vector<double>{0, 0, 0}));
  EXPECT_NEAR(one.points[2][0], std::sqrt(2), 1e-9);
  EXPECT_EQ(principal_map(make_rows({{1, 2, 3}})).points.size(), 1u);
  EXPECT_NEAR(principal_map(make_rows({{1}, {3}})).points[1][0], 1, 1e-12);
}

TEST(PrincipalMapParallel, TheSameBitsWithAnyNumberOfThreads) {
  std::mt19937 random(7);
  Matrix rows(150, 40);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (float& value : rows.vector(i)) value = static_cast<float>(random() % 1000);
  }
  set_threads(1);
  const auto alone = principal_map(rows).points;
  set_threads(3);
  EXPECT_EQ(principal_map(rows).points, alone);
  set_threads(0);
}

}  // namespace
}  // namespace berta::wordvec
