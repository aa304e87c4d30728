#include <gtest/gtest.h>

#include <cmath>

#include "program.h"

namespace berta::test {
namespace {

std::string sentiment() {
  return models("sentiment");
}

double score_of(const std::string& line) {
  return std::stod(line.substr(line.find("\"score\": ") + 9));
}

TEST(Classify, ScoresOfTheModelCard) {
  const Finished finished = run({"classify", sentiment(), "What a charming, well-acted movie!",
                                 "A dull, lifeless mess.", "The plot is thin but the cast is wonderful."});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const auto lines = lines_of(finished.out);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(lines[0].starts_with("[{\"label\": \"positive\", \"score\": ")) << lines[0];
  EXPECT_NEAR(score_of(lines[0]), 0.99270, 1e-5);
  EXPECT_TRUE(lines[1].starts_with("[{\"label\": \"negative\"")) << lines[1];
  EXPECT_NEAR(score_of(lines[1]), 0.98214, 1e-5);
  EXPECT_NEAR(score_of(lines[2]), 0.79561, 1e-5);
}

TEST(Classify, AllLabelsIdsAndFunctions) {
  const Finished finished = run({"classify", sentiment(), "--top-k", "0"},
                                "{\"id\": \"a\\u00e9\", \"text\": \"A dull, lifeless mess.\"}\n");
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(finished.out.starts_with("{\"id\": \"a\xc3\xa9\", \"output\": [{\"label\": \"negative\", "))
      << finished.out;
  EXPECT_NE(finished.out.find("\"positive\""), std::string::npos);
  const double logit = score_of(run({"classify", sentiment(), "A dull mess.", "--function", "none"}).out);
  const double sigmoid =
      score_of(run({"classify", sentiment(), "A dull mess.", "--function", "sigmoid"}).out);
  EXPECT_NEAR(sigmoid, 1 / (1 + std::exp(-logit)), 1e-6);
}

TEST(Classify, InOtherTypes) {
  for (const std::string type : {"bf16", "int8"}) {
    const Finished finished = run({"classify", sentiment(), "A dull, lifeless mess.", "--dtype", type});
    ASSERT_EQ(finished.status, 0) << finished.err;
    EXPECT_NEAR(score_of(finished.out), 0.98214, 0.02) << type;
  }
}

TEST(Classify, AccuracyOfTheDemoFile) {
  const std::string reviews = models("demo/reviews.tsv");
  const Finished json = run({"classify", sentiment(), "--input", reviews, "--label-column", "label"});
  EXPECT_EQ(json.status, 0) << json.err;
  EXPECT_EQ(lines_of(json.out).size(), 40u);
  EXPECT_EQ(json.err, "berta: accuracy 34/40 (85.0%)\n");
  const Finished table =
      run({"classify", sentiment(), "--input", reviews, "--label-column", "label", "--format", "table"});
  const auto lines = lines_of(table.out);
  ASSERT_EQ(lines.size(), 41u);
  EXPECT_EQ(lines.back(), "accuracy 34/40 (85.0%)");
  EXPECT_TRUE(lines[1].starts_with("positive  0.")) << lines[1];
  const Finished wrong =
      run({"classify", sentiment(), "--label-column", "label"}, "{\"text\": \"a\", \"label\": \"pos\"}\n");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_NE(wrong.err.find("line 1: key 'label': expected a label of the model, found 'pos'"),
            std::string::npos);
}

TEST(Classify, PairsFromOptionLineAndTable) {
  const std::string option = run({"classify", sentiment(), "A film.", "--text-pair", "It is dull."}).out;
  EXPECT_EQ(run({"classify", sentiment()}, "{\"text\": \"A film.\", \"text_pair\": \"It is dull.\"}\n").out,
            option);
  EXPECT_EQ(
      run({"classify", sentiment(), "--input-format", "tsv", "--text-column", "a", "--pair-column", "b"},
          "b\ta\nIt is dull.\tA film.\n")
          .out,
      option);
  EXPECT_EQ(run({"classify", sentiment(), "--input-format", "tsv", "--columns", "text_pair,text"},
                "It is dull.\tA film.\n")
                .out,
            option);
  EXPECT_NE(run({"classify", sentiment(), "A film."}).out, option);
}

TEST(Classify, BatchesAndThreadsChangeNothing) {
  std::string input;
  for (int i = 0; i < 200; ++i) input += "a film of " + std::to_string(i * i) + " minutes\n";
  const std::string expected = run({"classify", sentiment()}, input).out;
  EXPECT_EQ(lines_of(expected).size(), 200u);
  EXPECT_EQ(run({"classify", sentiment(), "--threads", "1"}, input).out, expected);
  EXPECT_EQ(run({"classify", sentiment(), "--batch-tokens", "1"}, input).out, expected);
}

}  // namespace
}  // namespace berta::test
