#include "wordvec/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/parallel.h"
#include "space.h"

namespace berta::wordvec {
namespace {

Matrix random_rows(std::size_t count, std::size_t dimension, std::uint32_t seed) {
  std::mt19937 random(seed);
  Matrix rows(count, dimension);
  for (std::size_t i = 0; i < count; ++i) {
    for (float& value : rows.vector(i)) value = static_cast<float>(random() % 2001) / 1000 - 1;
  }
  return rows;
}

double plain_product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

TEST(Nearest, UnitRowsHaveLengthOneAndZerosStay) {
  Matrix rows = make_rows({{3, 4}, {0, 0}, {-5e30f, 0}, {1e-30f, 0}});
  const Matrix two = unit_rows(rows, 2);
  EXPECT_EQ(two.rows(), 2u);
  EXPECT_EQ(unit_rows(rows, 100).rows(), 4u);
  EXPECT_FLOAT_EQ(rows.vector(0)[0], 3);  // the original stays
  scale_to_unit(rows);
  EXPECT_FLOAT_EQ(rows.vector(0)[0], 0.6f);
  EXPECT_FLOAT_EQ(rows.vector(0)[1], 0.8f);
  EXPECT_EQ(rows.vector(1)[0], 0);
  EXPECT_EQ(rows.vector(2)[0], -1);
  EXPECT_EQ(rows.vector(3)[0], 1);
  EXPECT_EQ(two.vector(0)[1], rows.vector(0)[1]);
}

TEST(Nearest, AsPlainLoopsFindThem) {
  const Matrix rows = random_rows(5000, 37, 1);
  const Matrix queries = random_rows(9, 37, 2);
  std::vector<std::vector<std::uint32_t>> excluded(queries.rows());
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    excluded[q] = {static_cast<std::uint32_t>(q * 500), static_cast<std::uint32_t>(4999 - q)};
  }
  const auto found = find_nearest({.rows = rows, .queries = queries, .excluded = excluded, .top_k = 7});
  ASSERT_EQ(found.size(), queries.rows());
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    std::vector<std::pair<double, std::uint32_t>> all;
    for (std::uint32_t i = 0; i < rows.rows(); ++i) {
      if (std::find(excluded[q].begin(), excluded[q].end(), i) != excluded[q].end()) continue;
      all.emplace_back(-plain_product(rows.vector(i), queries.vector(q)), i);
    }
    std::sort(all.begin(), all.end());
    ASSERT_EQ(found[q].size(), 7u);
    for (std::size_t k = 0; k < 7; ++k) {
      EXPECT_EQ(found[q][k].row, all[k].second) << q << " " << k;
      EXPECT_NEAR(static_cast<double>(found[q][k].score), -all[k].first, 1e-5);
    }
  }
}

TEST(Nearest, OfEqualRowsTheEarlierComesFirst) {
  const Matrix rows = make_rows({{0, 1}, {1, 0}, {1, 0}, {0.5f, 0}, {1, 0}});
  const Matrix query = make_rows({{1, 0}});
  const auto found = find_nearest({.rows = rows, .queries = query, .excluded = {}, .top_k = 3});
  EXPECT_EQ(found[0], (std::vector<Neighbour>{{1, 1}, {2, 1}, {4, 1}}));
}

TEST(Nearest, GivesNoMoreThanThereAre) {
  const Matrix rows = make_rows({{1}, {2}, {std::numeric_limits<float>::quiet_NaN()}});
  const Matrix query = make_rows({{1}});
  const std::vector<std::vector<std::uint32_t>> excluded = {{1}};
  const auto found =
      find_nearest({.rows = rows, .queries = query, .excluded = excluded, .top_k = 1000000000});
  EXPECT_EQ(found[0], (std::vector<Neighbour>{{0, 1}}));
  EXPECT_TRUE(find_nearest({.rows = rows, .queries = query, .excluded = {}, .top_k = 0})[0].empty());
  EXPECT_TRUE(find_nearest({.rows = rows, .queries = Matrix(0, 1), .excluded = {}, .top_k = 1}).empty());
  EXPECT_TRUE(find_nearest({.rows = Matrix(0, 1), .queries = query, .excluded = {}, .top_k = 1})[0].empty());
}

TEST(NearestParallel, TheNumberOfThreadsChangesNothing) {
  const Matrix rows = random_rows(6000, 8, 3);
  const Matrix queries = random_rows(20, 8, 4);
  const NearestTask task{.rows = rows, .queries = queries, .excluded = {}, .top_k = 50};
  set_threads(1);
  const auto alone = find_nearest(task);
  for (const int threads : {2, 3, 5}) {
    set_threads(threads);
    EXPECT_EQ(find_nearest(task), alone) << threads;
  }
  set_threads(0);
}

}  // namespace
}  // namespace berta::wordvec
