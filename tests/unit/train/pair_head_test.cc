#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "head_data.h"
#include "train/ops/row_groups.h"

namespace berta::train {
namespace {

using metrics::value_of;
using ::testing::Contains;
using testing::cross_entropy;
using testing::figures_of;
using ::testing::HasSubstr;
using testing::HeadData;
using ::testing::Not;
using testing::pointers;
using testing::some_logits;

using Ids = std::vector<std::int32_t>;

Ids ids_of(const std::string& text, const std::string& pair) {
  return HeadData::tokenizer().encode_pair(text, pair, {}).ids;
}

/// A query with two positives and ten negatives, one with one of each.
const std::string kGroups =
    R"({"query": "film", "positives": ["good", "best"], "negatives": ["a", "b", "c", "d", "e", "f", "g", "h",)"
    R"( "i", "j"]})"
    "\n"
    R"({"query": "story", "pos": "bad", "neg": ["is"]})"
    "\n";

TEST(RerankHead, GroupsOfAPositiveAndDrawnNegatives) {
  HeadData data(Task::rerank);
  data.train("a.jsonl", kGroups);
  const auto head = data.make();
  ASSERT_EQ(head->train().size(), 3u);
  EXPECT_EQ(head->train()[0].sequences.size(), 8u);
  EXPECT_EQ(head->train()[1].sequences.size(), 8u);
  EXPECT_EQ(head->train()[2].sequences.size(), 2u);
  EXPECT_EQ(head->train()[0].sequences[0].ids, ids_of("film", "good"));
  EXPECT_EQ(head->train()[1].sequences[0].ids, ids_of("film", "best"));
  EXPECT_EQ(head->train()[2].sequences[1].ids, ids_of("story", "is"));
  std::set<Ids> negatives, drawn;
  for (char name = 'a'; name <= 'j'; ++name) negatives.insert(ids_of("film", std::string(1, name)));
  for (std::size_t i = 1; i < 8; ++i) drawn.insert(head->train()[0].sequences[i].ids);
  EXPECT_EQ(drawn.size(), 7u);
  for (const Ids& ids : drawn) EXPECT_THAT(negatives, Contains(ids));

  const auto order = [&] {
    std::vector<Ids> all;
    const auto other = data.make();
    for (const infer::Sequence& sequence : other->train()[0].sequences) all.push_back(sequence.ids);
    return all;
  };
  const std::vector<Ids> first = order();
  EXPECT_EQ(order(), first);
  data.settings.run.seed = 7;
  EXPECT_NE(order(), first);
}

TEST(RerankHead, LossIsListwise) {
  HeadData data(Task::rerank);
  data.train("a.jsonl", kGroups);
  const auto head = data.make();
  const at::Tensor logits = some_logits(18, 1);
  std::vector<double> x(logits.const_data_ptr<double>(), logits.const_data_ptr<double>() + 18);
  const double expected =
      (cross_entropy({x.begin(), x.begin() + 8}, 0) + cross_entropy({x.begin() + 8, x.begin() + 16}, 0) +
       cross_entropy({x[16], x[17]}, 0)) /
      3;
  EXPECT_NEAR(head->loss(logits, pointers(head->train())).item<double>(), expected, 1e-12);
}

TEST(RerankHead, EvaluationRanksAllDocuments) {
  HeadData data(Task::rerank);
  data.train("a.jsonl", kGroups);
  data.dev_gzip("b.jsonl.gz", kGroups);
  const auto head = data.make();
  ASSERT_EQ(head->dev().size(), 14u);
  at::Tensor logits = at::zeros({14, 1});
  for (const std::int64_t relevant : {0, 1, 12}) logits[relevant] = 1;
  metrics::Metrics figures = figures_of(*head, logits, 5, 5);
  for (const char* name : {"mrr@10", "ndcg@10", "map"}) EXPECT_EQ(value_of(figures, name), 1) << name;
  // Three negatives before "best", "good" the last but one; "bad" behind "is".
  logits.zero_();
  logits[1] = 1;
  for (const std::int64_t better : {2, 3, 4}) logits[better] = 2;
  logits[0] = -1;
  logits[13] = 1;
  figures = figures_of(*head, logits, 13, 13);
  EXPECT_NEAR(value_of(figures, head->main_metric()), (1.0 / 4 + 1.0 / 2) / 2, 1e-12);
  EXPECT_NEAR(value_of(figures, "map"), ((1.0 / 4 + 2.0 / 12) / 2 + 1.0 / 2) / 2, 1e-12);
}

TEST(RerankHead, ScoredDocumentsAreTrainedEachForItself) {
  HeadData data(Task::rerank);
  const std::string rows = "query\tdocument\tscore\nfilm\tgood\t1\nstory\tbad\t0.25\nfilm\tsale\t0\n";
  data.train("a.tsv", rows);
  data.dev("b.tsv", rows);
  const auto head = data.make();
  const at::Tensor logits = at::tensor({0.5, -1.0, 2.0}, at::kDouble).unsqueeze(1);
  const auto all = pointers(head->train());
  const double y[] = {all[0]->value, all[1]->value, all[2]->value}, x[] = {0.5, -1, 2};
  EXPECT_EQ(y[1], 0) << "documents of a query come together";
  double sum = 0;
  for (int i = 0; i < 3; ++i)
    sum -= y[i] * std::log(1 / (1 + std::exp(-x[i]))) + (1 - y[i]) * std::log(1 / (1 + std::exp(x[i])));
  EXPECT_NEAR(head->loss(logits, all).item<double>(), sum / 3, 1e-12);
  EXPECT_TRUE(
      at::softmax(head->distributions(logits, all), 1).select(1, 1).allclose(at::sigmoid(logits.squeeze(1))));
  // Scores between 0 and 1 are compared as such.
  EXPECT_EQ(head->main_metric(), "spearmanr");
  EXPECT_NEAR(value_of(figures_of(*head, at::tensor({3.0, -3.0, -1.0}).unsqueeze(1), 1, 1), "spearmanr"), 1,
              1e-12);
  EXPECT_EQ(value_of(figures_of(*head, at::tensor({3.0, -3.0, -1.0}).unsqueeze(1), 1, 1), "mrr@10"), 1);
}

TEST(RerankHead, WhatChoosesTheBestModel) {
  HeadData data(Task::rerank);
  const std::string header = "query\tdocument\tscore\n";
  data.train("a.tsv", header + "a\tb\t1\na\tc\t0\n");
  data.dev("b.tsv", header + "a\tb\t1\na\tc\t0\n");
  auto head = data.make();
  EXPECT_EQ(head->main_metric(), "mrr@10");
  const metrics::Metrics figures = figures_of(*head, at::tensor({1.0, 2.0}).unsqueeze(1), 1, 1);
  EXPECT_EQ(value_of(figures, "mrr@10"), 0.5);
  EXPECT_EQ(figures.size(), 3u);
  // Where each query has one document, every order is right.
  data.settings.dev.clear();
  data.dev("c.tsv", header + "a\tb\t1\nb\tc\t0\n");
  head = data.make();
  EXPECT_EQ(head->main_metric(), "spearmanr");
  EXPECT_NEAR(value_of(figures_of(*head, at::tensor({1.0, 2.0}).unsqueeze(1), 1, 1), "spearmanr"), -1, 1e-12);
}

TEST(RerankHead, ErrorsSayWhere) {
  HeadData data(Task::rerank);
  data.train("a.tsv", "query\tdocument\tscore\na\tb\t1\na\tc\t2\n");
  EXPECT_THAT(data.refusal(), HasSubstr("a.tsv: sample 2: expected a score from 0 to 1, found 2"));
  data.settings.train.clear();
  data.train("a.jsonl", kGroups + R"({"query": "q", "positives": ["a"]})");
  EXPECT_THAT(data.refusal(), HasSubstr("a.jsonl: sample 3: expected negatives to train against"));
  data.settings.train.clear();
  data.train("b.jsonl", kGroups + R"({"query": "q", "negatives": ["a"]})");
  EXPECT_THAT(data.refusal(), HasSubstr("b.jsonl: line 3: expected positives"));
}

const std::string kPreferences = R"({"prompt": "The film?", "chosen": "good", "rejected": "bad"})"
                                 "\n"
                                 R"({"chosen": "The film is good", "rejected": "The film"})"
                                 "\n";

TEST(RewardHead, PairsLossAndAccuracy) {
  HeadData data(Task::reward);
  data.train("a.jsonl", kPreferences);
  data.dev_gzip("b.jsonl.gz", kPreferences);
  const auto head = data.make();
  const auto all = pointers(head->train());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]->sequences[0].ids, ids_of("The film?", "good"));
  EXPECT_EQ(all[0]->sequences[1].ids, ids_of("The film?", "bad"));
  EXPECT_EQ(all[1]->sequences[0].ids, HeadData::tokenizer().encode("The film is good", {}).ids);
  const at::Tensor logits = at::tensor({1.0, -0.5, 0.25, 2.0}, at::kDouble).unsqueeze(1);
  const double expected = (std::log1p(std::exp(-0.5 - 1.0)) + std::log1p(std::exp(2.0 - 0.25))) / 2;
  EXPECT_NEAR(head->loss(logits, all).item<double>(), expected, 1e-12);
  EXPECT_EQ(value_of(figures_of(*head, logits, 1, 2), "accuracy"), 0.5);
  EXPECT_EQ(value_of(figures_of(*head, at::zeros({4, 1}), 1, 2), "accuracy"), 0);
  EXPECT_EQ(head->distributions(logits, all).sizes(), (std::vector<std::int64_t>{2, 2}));
}

TEST(RewardHead, SplitAndLimit) {
  HeadData data(Task::reward);
  std::string pairs;
  for (int i = 0; i < 10; ++i)
    pairs += R"({"chosen": "a", "rejected": "b"})"
             "\n";
  data.train("a.jsonl", pairs);
  data.settings.dev_share = 0.2;
  data.settings.max_samples = 3;
  const auto head = data.make();
  EXPECT_EQ(head->train().size(), 3u);
  EXPECT_EQ(head->dev().size(), 2u);
  for (const Example& example : head->dev())
    for (const Example& other : head->train()) EXPECT_NE(example.source, other.source);
}

TEST(RewardHead, ErrorsSayWhere) {
  HeadData data(Task::reward);
  data.train("a.jsonl", kPreferences + R"({"chosen": "a"})");
  EXPECT_THAT(data.refusal(), HasSubstr("a.jsonl: line 3: expected a key 'rejected'"));
}

}  // namespace
}  // namespace berta::train
