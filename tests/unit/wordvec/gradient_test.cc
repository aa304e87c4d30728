#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "plain_update.h"
#include "wordvec/examples.h"
#include "wordvec/word_model.h"

namespace berta::wordvec {
namespace {

using testing::plain_loss;
using testing::plain_update;
using testing::PlainExample;
using testing::PlainTables;

Vocabulary small_vocabulary() {
  Vocabulary vocabulary;
  for (const char* word : {"the", "of", "and", "house", "tree", "houses", "trees"}) {
    vocabulary.words.insert(word);
    vocabulary.counts.push_back(40 / vocabulary.words.size());
  }
  return vocabulary;
}

/// Largest difference between `step` and the two-sided numeric gradient, over the largest gradient.
double relative_error(const PlainTables& tables, const PlainExample& example,
                      std::vector<double> PlainTables::*part, const std::vector<double>& step) {
  double worst = 0;
  double largest = 0;
  for (std::size_t i = 0; i < step.size(); ++i) {
    constexpr double kEpsilon = 1e-5;
    PlainTables moved = tables;
    (moved.*part)[i] += kEpsilon;
    const double above = plain_loss(moved, example);
    (moved.*part)[i] -= 2 * kEpsilon;
    const double gradient = (above - plain_loss(moved, example)) / (2 * kEpsilon);
    worst = std::max(worst, std::abs(gradient - step[i]));
    largest = std::max(largest, std::abs(gradient));
  }
  return worst / largest;
}

struct Steps {
  std::vector<double> inputs;
  std::vector<double> outputs;
};

/// What a step of rate 1 takes off, as the trainer asks for it.
Steps steps_of(const PlainTables& tables, const PlainExample& example, const TrainOptions& options) {
  PlainTables after = tables;
  plain_update(after, example, 1, options.cbow_update == CbowUpdate::corrected);
  Steps steps{tables.inputs, tables.outputs};
  for (std::size_t i = 0; i < steps.inputs.size(); ++i) steps.inputs[i] -= after.inputs[i];
  for (std::size_t i = 0; i < steps.outputs.size(); ++i) steps.outputs[i] -= after.outputs[i];
  return steps;
}

PlainTables random_tables(const WordModel& model, std::size_t dimension) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0, 0.5);
  PlainTables tables{dimension, std::vector<double>(model.inputs.rows() * dimension),
                     std::vector<double>(model.outputs.rows() * dimension)};
  for (double& value : tables.inputs) value = normal(random);
  for (double& value : tables.outputs) value = normal(random);
  return tables;
}

/// Calls check(tables, example) for all examples of a line.
template <class Check>
void for_examples(const TrainOptions& options, const Check& check) {
  const Vocabulary vocabulary = small_vocabulary();
  const WordModel model = make_word_model(small_vocabulary(), options);
  const PlainTables tables = random_tables(model, options.dimension);
  const ExampleMaker maker(vocabulary, options);
  RandomStream random(1, 0);
  const std::vector<std::uint32_t> line = {3, 1, 0, 4, 2, 0, 6, 5};
  Example example;
  std::size_t seen = 0;
  for (std::size_t centre = 0; centre < line.size(); ++centre) {
    if (!maker.make(line, centre, random, example)) continue;
    ++seen;
    PlainExample plain{.groups = {}, .outputs = example.outputs, .labels = {}};
    plain.labels.assign(example.labels, example.labels + example.outputs.size());
    auto begin = example.inputs.begin();
    for (const std::uint32_t end : example.group_ends) {
      plain.groups.emplace_back(begin, example.inputs.begin() + end);
      begin = example.inputs.begin() + end;
    }
    EXPECT_EQ(begin, example.inputs.end());
    check(tables, plain);
  }
  EXPECT_EQ(seen, line.size());
}

TrainOptions small(Architecture model, Loss loss, SubwordOptions subwords = {}) {
  TrainOptions options;
  options.model = model;
  options.loss = loss;
  options.dimension = 6;
  options.window = 3;
  options.subwords = subwords;
  return options;
}

void expect_gradient(const TrainOptions& options) {
  for_examples(options, [&](const PlainTables& tables, const PlainExample& example) {
    const Steps steps = steps_of(tables, example, options);
    EXPECT_LT(relative_error(tables, example, &PlainTables::inputs, steps.inputs), 1e-6);
    EXPECT_LT(relative_error(tables, example, &PlainTables::outputs, steps.outputs), 1e-6);
  });
}

TEST(Gradient, OfCorrectedCbow) {
  expect_gradient(small(Architecture::cbow, Loss::negative_sampling));
}

TEST(Gradient, OfSkipGram) {
  expect_gradient(small(Architecture::skipgram, Loss::negative_sampling));
}

TEST(Gradient, OfHierarchicalSoftmax) {
  expect_gradient(small(Architecture::cbow, Loss::hierarchical_softmax));
  expect_gradient(small(Architecture::skipgram, Loss::hierarchical_softmax));
}

TEST(Gradient, OfSubwords) {
  const SubwordOptions subwords{.shortest = 2, .longest = 4, .buckets = 50};
  expect_gradient(small(Architecture::cbow, Loss::negative_sampling, subwords));
  expect_gradient(small(Architecture::skipgram, Loss::hierarchical_softmax, subwords));
}

TEST(Gradient, OfClassicCbowLacksOneOverTheInputs) {
  TrainOptions options = small(Architecture::cbow, Loss::negative_sampling);
  options.cbow_update = CbowUpdate::classic;
  std::size_t with_several = 0;
  for_examples(options, [&](const PlainTables& tables, const PlainExample& example) {
    Steps steps = steps_of(tables, example, options);
    EXPECT_LT(relative_error(tables, example, &PlainTables::outputs, steps.outputs), 1e-6);
    ASSERT_EQ(example.groups.size(), 1U);
    const std::size_t inputs = example.groups[0].size();
    if (inputs > 1) {
      ++with_several;
      EXPECT_GT(relative_error(tables, example, &PlainTables::inputs, steps.inputs), 0.5);
    }
    for (double& step : steps.inputs) step /= static_cast<double>(inputs);
    EXPECT_LT(relative_error(tables, example, &PlainTables::inputs, steps.inputs), 1e-6);
  });
  EXPECT_GT(with_several, 4U);
}

}  // namespace
}  // namespace berta::wordvec
