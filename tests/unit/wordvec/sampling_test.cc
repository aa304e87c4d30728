#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "wordvec/alias_sampler.h"
#include "wordvec/examples.h"
#include "wordvec/huffman.h"
#include "wordvec/word_table.h"

namespace berta::wordvec {
namespace {

TEST(WordTable, FindsEachOfManyWords) {
  WordTable table;
  EXPECT_EQ(table.find("a"), std::nullopt);
  for (std::uint32_t i = 0; i < 20000; ++i) EXPECT_EQ(table.insert("w" + std::to_string(i)), i);
  for (std::uint32_t i = 0; i < 20000; ++i) {
    EXPECT_EQ(table.find("w" + std::to_string(i)), i);
    EXPECT_EQ(table.word(i), "w" + std::to_string(i));
  }
  EXPECT_EQ(table.insert("w77"), 77U);
  EXPECT_EQ(table.find("w20000"), std::nullopt);
  EXPECT_EQ(table.insert(""), 20000U);
}

/// Chi-square of a million draws against the weights; its mean is the number of classes less one.
double chi_square(const std::vector<double>& weights) {
  const AliasSampler sampler(weights);
  RandomStream random(11, 0);
  constexpr int kDraws = 1000000;
  std::vector<double> seen(weights.size());
  for (int i = 0; i < kDraws; ++i) ++seen[sampler.draw(random)];
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double wanted = kDraws * weights[i] / total;
    if (wanted == 0) {
      EXPECT_EQ(seen[i], 0);
    } else {
      sum += (seen[i] - wanted) * (seen[i] - wanted) / wanted;
    }
  }
  return sum;
}

TEST(AliasSampler, DrawsByTheWeights) {
  std::vector<double> zipf;
  for (int i = 1; i <= 1000; ++i) zipf.push_back(std::pow(1e6 / i, 0.75));
  EXPECT_LT(chi_square(zipf), 999 + 4 * std::sqrt(2 * 999.0));  // four standard deviations
  EXPECT_LT(chi_square({1, 1, 1, 1}), 3 + 4 * std::sqrt(6.0));
  EXPECT_LT(chi_square({0, 5, 0, 1, 0}), 1 + 4 * std::sqrt(2.0));
  EXPECT_EQ(chi_square({3}), 0);
  EXPECT_LT(chi_square({1e-9, 1, 2, 1e-9}), 1 + 8 * std::sqrt(2.0));
}

TEST(RandomStream, ThreadsHaveDifferentOnes) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t stream = 0; stream < 64; ++stream) {
    RandomStream random(1, stream);
    for (int i = 0; i < 100; ++i) seen.insert(random.next());
  }
  EXPECT_EQ(seen.size(), 6400U);
  RandomStream first(1, 0);
  RandomStream other(2, 0);
  EXPECT_NE(first.next(), other.next());
}

TEST(RandomStream, GoesOnFromItsState) {
  RandomStream random(4, 2);
  random.next();
  RandomStream copy(random.state());
  EXPECT_EQ(random.next(), copy.next());
}

TEST(RandomStream, IsEvenWithinItsBounds) {
  RandomStream random(9, 0);
  std::vector<int> seen(7);
  double sum = 0;
  for (int i = 0; i < 70000; ++i) {
    ++seen[random.below(7)];
    sum += static_cast<double>(random.uniform());
  }
  for (const int count : seen) EXPECT_NEAR(count, 10000, 4 * std::sqrt(10000.0));
  EXPECT_NEAR(sum / 70000, 0.5, 0.005);
}

TEST(HuffmanTree, IsShortestAndItsCodesHaveNoCommonBeginnings) {
  const std::vector<std::uint64_t> counts = {45, 16, 13, 12, 9, 5};  // Cormen et al.: 224 in all
  const HuffmanTree tree(counts);
  EXPECT_EQ(tree.nodes(), 5U);
  EXPECT_EQ(tree.longest(), 4U);
  std::uint64_t bits = 0;
  std::set<std::string> codes;
  for (std::size_t word = 0; word < counts.size(); ++word) {
    const auto way = tree.way(word);
    bits += counts[word] * way.size();
    std::string code;
    for (std::size_t i = 0; i < way.size(); ++i) {
      EXPECT_LT(way[i], tree.nodes());
      code += tree.labels(word)[i] > 0 ? '1' : '0';
    }
    EXPECT_EQ(way[0], tree.nodes() - 1);  // from the root
    codes.insert(code);
  }
  EXPECT_EQ(bits, 224U);
  for (auto code = codes.begin(); std::next(code) != codes.end(); ++code) {
    EXPECT_FALSE(std::next(code)->starts_with(*code));
  }
}

TEST(HuffmanTree, OfOneOrTwoWordsAndOfSteepCounts) {
  const std::vector<std::uint64_t> one = {5};
  EXPECT_TRUE(HuffmanTree(one).way(0).empty());
  const std::vector<std::uint64_t> two = {5, 0};
  EXPECT_EQ(HuffmanTree(two).way(1).size(), 1U);
  std::vector<std::uint64_t> steep(64);
  for (std::size_t i = 0; i < steep.size(); ++i) steep[i] = std::uint64_t{1} << (63 - i);
  EXPECT_EQ(HuffmanTree(steep).longest(), 63U);
}

Vocabulary vocabulary_of(const std::vector<std::uint64_t>& counts) {
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < counts.size(); ++i) vocabulary.words.insert("w" + std::to_string(i));
  vocabulary.counts = counts;
  return vocabulary;
}

/// The outputs of the examples of `line`, many times over.
template <class Check>
void for_outputs(const Vocabulary& vocabulary, const TrainOptions& options,
                 const std::vector<std::uint32_t>& line, const Check& check) {
  const ExampleMaker maker(vocabulary, options);
  RandomStream random(1, 0);
  Example example;
  for (int round = 0; round < 2000; ++round) {
    for (std::size_t centre = 0; centre < line.size(); ++centre) {
      if (maker.make(line, centre, random, example)) check(line[centre], example);
    }
  }
}

TEST(Examples, ANegativeIsNeverThePositive) {
  const Vocabulary vocabulary = vocabulary_of({100, 3, 2, 1});  // six of seven draws are word 0
  for (const Architecture model : {Architecture::cbow, Architecture::skipgram}) {
    TrainOptions options;
    options.model = model;
    std::size_t seen = 0;
    for_outputs(vocabulary, options, {0, 1, 0, 2, 3}, [&](std::uint32_t centre, const Example& example) {
      ASSERT_EQ(example.outputs.size(), 6U);
      ASSERT_EQ(example.outputs[0], centre);
      for (std::size_t i = 1; i < 6; ++i) ASSERT_NE(example.outputs[i], centre);
      ++seen;
    });
    EXPECT_GE(seen, 10000U);
  }
}

TEST(Examples, WithoutOtherWordsThereAreNoNegatives) {
  for_outputs(vocabulary_of({8}), {}, {0, 0, 0},
              [](std::uint32_t, const Example& example) { ASSERT_EQ(example.outputs.size(), 1U); });
  TrainOptions steep;
  steep.ns_exponent = 5;  // all weight on one word, whose examples then end with fewer
  for_outputs(vocabulary_of({1000000000, 1}), steep, {0, 0},
              [](std::uint32_t, const Example& example) { ASSERT_LE(example.outputs.size(), 6U); });
}

TEST(Examples, WindowsHaveEachRadiusAsOften) {
  TrainOptions options;
  options.window = 4;
  std::vector<int> seen(10);
  for_outputs(vocabulary_of({9, 8, 7, 6, 5, 4, 3, 2, 1}), options, {0, 1, 2, 3, 4, 5, 6, 7, 8},
              [&](std::uint32_t centre, const Example& example) {
                if (centre == 4) ++seen[example.inputs.size()];
                for (const std::uint32_t input : example.inputs) ASSERT_NE(input, centre);
                ASSERT_EQ(example.group_ends.size(), 1U);
              });
  for (const int radius : {1, 2, 3, 4}) EXPECT_NEAR(seen[static_cast<std::size_t>(2 * radius)], 500, 90);
}

TEST(Examples, SkipGramHasAGroupForEachWordAround) {
  TrainOptions options;
  options.model = Architecture::skipgram;
  options.subwords = {.shortest = 2, .longest = 3, .buckets = 100};
  const Vocabulary vocabulary = vocabulary_of({4, 3, 2, 1});
  const ExampleMaker maker(vocabulary, options);
  for_outputs(vocabulary, options, {0, 1, 2}, [&](std::uint32_t centre, const Example& example) {
    ASSERT_LE(example.group_ends.size(), 2U);
    std::vector<std::uint32_t> wanted;
    for (const std::uint32_t word : {0U, 1U, 2U}) {
      if (word == centre || (centre != 1 && example.group_ends.size() == 1 && word != 1)) continue;
      const auto rows = maker.inputs_of(word);
      ASSERT_EQ(rows.size(), 6U);  // "<w", "w0", "0>", "<w0", "w0>" and the word
      wanted.insert(wanted.end(), rows.begin(), rows.end());
    }
    ASSERT_EQ(example.inputs, wanted);
    ASSERT_EQ(example.group_ends.back(), example.inputs.size());
  });
  Example alone;
  RandomStream random(1, 0);
  const std::vector<std::uint32_t> line = {2};
  EXPECT_FALSE(maker.make(line, 0, random, alone));
}

TEST(Examples, FrequentWordsAreThinnedOut) {
  const Vocabulary vocabulary = vocabulary_of({990000, 10000});
  TrainOptions options;
  options.downsample = 1e-3;
  const ExampleMaker maker(vocabulary, options);
  RandomStream random(1, 0);
  std::vector<std::uint32_t> line;
  for (int i = 0; i < 100000; ++i) maker.take("w0", random, line);
  const double p = 0.99;
  EXPECT_NEAR(static_cast<double>(line.size()), 100000 * (std::sqrt(1e-3 / p) + 1e-3 / p), 250);
  maker.take("unknown", random, line);
  options.downsample = 0;
  line.clear();
  ExampleMaker(vocabulary, options).take("w0", random, line);
  EXPECT_EQ(line.size(), 1U);
}

}  // namespace
}  // namespace berta::wordvec
