#include "metrics/ranking.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "golden.h"

namespace berta::metrics {
namespace {

using Doubles = std::vector<double>;

TEST(Ranking, AsScikitLearn) {
  for (const io::Json& golden : golden_cases("rankings")) {
    const Doubles scores = numbers(golden, "scores");
    const Doubles relevance = numbers(golden, "relevance");
    const RankedQuery query{.scores = scores, .relevance = relevance};
    for (const auto& [k, value] : golden.find("ndcg")->as_object("ndcg")) {
      expect_close(ndcg(query, std::stoul(k)), value.as_number(k), "ndcg@" + k);
    }
    expect_close(average_precision(query), number(golden, "average_precision"), "average precision");
    expect_close(reciprocal_rank(query, 10), number(golden, "reciprocal_rank"), "reciprocal rank");
  }
}

TEST(Ranking, EqualScoresEarnNothingByTheOrderOfTheFile) {
  const Doubles scores(4, 0.5);
  const Doubles relevance{1, 0, 0, 0};
  EXPECT_DOUBLE_EQ(reciprocal_rank({.scores = scores, .relevance = relevance}, 10), 0.25);
  EXPECT_DOUBLE_EQ(average_precision({.scores = scores, .relevance = relevance}), 0.25);
}

TEST(Ranking, NothingBehindPlaceKAndNanRanksLast) {
  const Doubles scores{0.1, std::numeric_limits<double>::quiet_NaN(), 0.3};
  const Doubles relevance{1, 1, 0};
  const RankedQuery query{.scores = scores, .relevance = relevance};
  EXPECT_EQ(reciprocal_rank(query, 1), 0);
  EXPECT_EQ(reciprocal_rank(query, 2), 0.5);
  EXPECT_DOUBLE_EQ(average_precision(query), (1.0 / 2 + 2.0 / 3) / 2);
}

TEST(Ranking, MeansAndTheirNames) {
  const Doubles scores{2, 1};
  const Doubles first{1, 0};
  const Doubles second{0, 1};
  const std::vector<RankedQuery> queries{{.scores = scores, .relevance = first},
                                         {.scores = scores, .relevance = second}};
  const Metrics metrics = ranking_metrics(queries, 5);
  EXPECT_DOUBLE_EQ(value_of(metrics, "mrr@5"), 0.75);
  EXPECT_DOUBLE_EQ(value_of(metrics, "ndcg@5"), (1 + 1 / std::log2(3)) / 2);
  EXPECT_DOUBLE_EQ(value_of(metrics, "map"), 0.75);
  EXPECT_TRUE(std::isnan(value_of(ranking_metrics({}), "map")));
}

TEST(Ranking, Refusals) {
  const Doubles one{1};
  const Doubles negative{-1};
  EXPECT_THROW(ndcg({.scores = one, .relevance = negative}, 10), UserError);
  EXPECT_THROW(ndcg({.scores = one, .relevance = {}}, 10), InternalError);
  EXPECT_EQ(ndcg({}, 10), 0);
}

TEST(PairwiseAccuracy, CountsStrictlyHigherScores) {
  const Doubles chosen{1, 2, 3, std::numeric_limits<double>::quiet_NaN()};
  const Doubles rejected{0, 2, 4, 0};
  EXPECT_EQ(pairwise_accuracy(chosen, rejected), 0.25);
  EXPECT_TRUE(std::isnan(pairwise_accuracy({}, {})));
}

}  // namespace
}  // namespace berta::metrics
