#include "../kernels/targets.h"
#include "core/aligned_buffer.h"
#include "kernels/word_vectors.h"
#include "plain_update.h"
#include "wordvec/word_vectors.h"

namespace berta::wordvec {
namespace {

using kernels::testing::on_every_target;
using kernels::testing::random_floats;
using testing::plain_loss;
using testing::plain_update;
using testing::PlainExample;
using testing::PlainTables;

constexpr std::size_t kRows = 40;

// As of a rare word in a tree: more outputs than a vector has lanes.
const std::vector<std::uint32_t> kLongWay = {0,  1,  2,  3,  4,  5,  6,  7,  8,  10, 12, 14, 16,
                                             18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 39};
const std::vector<double> kLongLabels = {1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0,
                                         0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1};

Matrix random_matrix(std::mt19937& random, std::size_t dimension, float spread) {
  Matrix matrix(kRows, dimension);
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto values = random_floats(random, dimension, spread);
    std::copy(values.begin(), values.end(), matrix.row(i));
  }
  return matrix;
}

std::vector<double> widened(const Matrix& matrix) {
  std::vector<double> values;
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (const float value : matrix.vector(i)) values.push_back(static_cast<double>(value));
  }
  return values;
}

void expect_near(const Matrix& found, const std::vector<double>& wanted, double bound) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < found.rows(); ++i) {
    for (const float value : found.vector(i)) ASSERT_NEAR(value, wanted[at++], bound) << "row " << i;
    for (std::size_t k = found.dimension(); k < found.stride(); ++k) ASSERT_EQ(found.row(i)[k], 0.0F);
  }
}

void compare(std::mt19937& random, std::size_t dimension, const PlainExample& example, bool divide,
             float spread) {
  Matrix inputs = random_matrix(random, dimension, spread);
  Matrix outputs = random_matrix(random, dimension, spread);
  PlainTables plain{dimension, widened(inputs), widened(outputs)};
  const float rate = 0.3F;
  const double wanted_loss = plain_loss(plain, example);
  plain_update(plain, example, static_cast<double>(rate), divide);
  std::vector<float> labels(example.labels.size() + 15, 7.0F);  // what is behind them must not matter
  for (std::size_t i = 0; i < example.labels.size(); ++i) labels[i] = static_cast<float>(example.labels[i]);
  std::vector<std::uint32_t> flat;
  std::vector<std::uint32_t> ends;
  for (const auto& group : example.groups) {
    flat.insert(flat.end(), group.begin(), group.end());
    ends.push_back(static_cast<std::uint32_t>(flat.size()));
  }
  AlignedBuffer<float> scratch(kernels::update_scratch(inputs.stride(), ends.size(), example.outputs.size()));
  const float loss = kernels::update_words({.input_rows = inputs.row(0),
                                            .inputs = flat.data(),
                                            .group_ends = ends.data(),
                                            .groups = ends.size(),
                                            .output_rows = outputs.row(0),
                                            .outputs = example.outputs.data(),
                                            .labels = labels.data(),
                                            .output_count = example.outputs.size(),
                                            .stride = inputs.stride(),
                                            .rate = rate,
                                            .divide_inputs = divide},
                                           scratch.data(), true);
  const double size = std::max(1.0, static_cast<double>(spread));
  EXPECT_NEAR(loss, wanted_loss, 1e-5 * std::max(1.0, wanted_loss));
  expect_near(inputs, plain.inputs, 3e-6 * size);
  expect_near(outputs, plain.outputs, 3e-6 * size);
}

TEST(WordUpdate, EqualsThePlainForm) {
  std::mt19937 random(5);
  on_every_target([&] {
    for (const std::size_t dimension : {1, 2, 7, 15, 16, 17, 31, 33, 48, 100, 300}) {
      for (const bool divide : {false, true}) {
        SCOPED_TRACE(dimension);
        const auto check = [&](const PlainExample& example) {
          compare(random, dimension, example, divide, 0.3F);
        };
        check({{{3}}, {1, 4, 5}, {1, 0, 0}});           // skip-gram with one word around
        check({{{0, 2, 8, 2}}, {7, 6, 0}, {1, 0, 0}});  // CBOW; an input that comes twice
        check({{{1, 2}}, {8}, {1}});                    // no negatives
        check({{{1, 2}}, kLongWay, kLongLabels});       // hierarchical softmax
        check({{{1, 2}, {3}}, {}, {}});                 // the only word of a tree
        check({{{4}, {2}, {4}, {7}, {9}, {1}, {3}}, {1, 4, 5, 30}, {1, 0, 0, 0}});  // skip-gram
        check({{{4, 9}, {2, 1, 7}, {9}}, kLongWay, kLongLabels});                   // with subwords
      }
    }
  });
}

TEST(WordUpdate, ScoresFarOutNeitherOverflowNorMove) {
  std::mt19937 random(6);
  on_every_target([&] { compare(random, 64, {{{0, 1, 2}, {7}}, {3, 4, 5, 6}, {1, 0, 1, 0}}, true, 20.0F); });
}

TEST(DotRows, EqualsThePlainForm) {
  std::mt19937 random(7);
  on_every_target([&] {
    for (const std::size_t dimension : {1, 16, 17, 40, 100, 513}) {
      const Matrix rows = random_matrix(random, dimension, 1);
      const Matrix query = random_matrix(random, dimension, 1);
      std::vector<float> found(kRows);
      kernels::dot_rows(rows.row(0), rows.stride(), kRows, query.row(2), found.data());
      for (std::size_t i = 0; i < kRows; ++i) {
        double wanted = 0;
        for (std::size_t k = 0; k < dimension; ++k) {
          wanted += static_cast<double>(rows.row(i)[k]) * static_cast<double>(query.row(2)[k]);
        }
        ASSERT_NEAR(found[i], wanted, 1e-6 * static_cast<double>(dimension) + 1e-6);
      }
    }
  });
}

}  // namespace
}  // namespace berta::wordvec
