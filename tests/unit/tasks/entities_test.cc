#include "tasks/entities.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden_case.h"

namespace berta::tasks {
namespace {

const std::vector<std::string> kLabels = {"O", "B-ENT", "I-ENT", "I-NAME"};

/// A token that is surest of `label`.
ScoredToken token(std::string word, std::size_t label, float score, bool is_subword) {
  ScoredToken out{
      .word = std::move(word), .scores = std::vector<float>(4, (1 - score) / 3), .is_subword = is_subword};
  out.scores[label] = score;
  return out;
}

class EntityAggregation : public ::testing::Test {
 protected:
  EntityAggregation() : runtime_(testing::make_runtime("bert")) {}

  /// "label word" of each entity.
  std::vector<std::string> names(Aggregation aggregation, const std::vector<ScoredToken>& tokens) const {
    std::vector<std::string> out;
    for (const Entity& entity : aggregate(tokens, {aggregation, kLabels, runtime_.tokenizer()})) {
      out.push_back(entity.label + " " + entity.word);
    }
    return out;
  }

  Runtime runtime_;
  // The example of the pipeline's documentation: microsoft company.
  const std::vector<ScoredToken> tokens_ = {token("micro", 1, 0.7F, false), token("##soft", 3, 0.9F, true),
                                            token("com", 2, 0.6F, false), token("##pany", 2, 0.5F, true)};
};

using Names = std::vector<std::string>;

TEST_F(EntityAggregation, NoneGivesTokens) {
  EXPECT_EQ(names(Aggregation::none, tokens_),
            (Names{"B-ENT micro", "I-NAME ##soft", "I-ENT com", "I-ENT ##pany"}));
}

TEST_F(EntityAggregation, SimpleJoinsNeighboursOfOneLabel) {
  EXPECT_EQ(names(Aggregation::simple, tokens_), (Names{"ENT micro", "NAME ##soft", "ENT company"}));
}

TEST_F(EntityAggregation, WordsGetOneLabel) {
  EXPECT_EQ(names(Aggregation::first, tokens_), (Names{"ENT microsoft company"}));
  EXPECT_EQ(names(Aggregation::max, tokens_), (Names{"NAME microsoft", "ENT company"}));
  EXPECT_EQ(names(Aggregation::average, tokens_), (Names{"NAME microsoft", "ENT company"}));
}

TEST_F(EntityAggregation, BeginningsSplit) {
  EXPECT_EQ(
      names(Aggregation::simple, {token("a", 1, 1, false), token("b", 1, 1, false), token("c", 2, 1, false)}),
      (Names{"ENT a", "ENT b c"}));
}

TEST_F(EntityAggregation, NothingOfNothing) {
  EXPECT_TRUE(names(Aggregation::simple, {}).empty());
  EXPECT_TRUE(names(Aggregation::max, {}).empty());
}

Entity entity(std::size_t begin, std::size_t end, float score) {
  return {.label = "X", .score = score, .word = "", .begin = begin, .end = end};
}

TEST(ResolveOverlaps, LongerThenSurerStays) {
  const auto kept = resolve_overlaps({entity(8, 10, 0.9F), entity(0, 4, 0.5F), entity(2, 8, 0.4F),
                                      entity(8, 10, 0.95F), entity(12, 13, 0.1F)});
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].begin, 2U);
  EXPECT_EQ(kept[1].score, 0.95F);
  EXPECT_EQ(kept[2].begin, 12U);
  EXPECT_TRUE(resolve_overlaps({}).empty());
}

}  // namespace
}  // namespace berta::tasks
