#include <gtest/gtest.h>

#include <cmath>

#include "berta/berta.h"

namespace {

const std::string kSentiment = std::string(BERTA_MODELS) + "/sentiment";
const std::string kTiny = std::string(BERTA_TEST_DATA) + "/goldens/tasks/";

TEST(PublicApi, ClassifiesTexts) {
  const berta::Classifier classifier(kSentiment);
  const auto results = classifier.classify({"What a charming, well-acted movie!", "Dull and far too long."});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].label, "positive");
  EXPECT_GT(results[0].score, 0.9F);
  EXPECT_EQ(results[1].label, "negative");
  EXPECT_THROW((void)classifier.classify({"fine", "\xff"}), berta::UserError);
}

TEST(PublicApi, SharesAModel) {
  const berta::Model model(kSentiment);
  EXPECT_EQ(model.labels(), (std::vector<std::string>{"negative", "positive"}));
  const berta::Classifier classifier(model);
  const auto all = classifier.classify({berta::TextInput{"fine", std::nullopt}}, {.top_k = 0});
  ASSERT_EQ(all.at(0).labels.size(), 2U);
  EXPECT_NEAR(all[0].labels[0].score + all[0].labels[1].score, 1, 1e-6);
  const auto states = berta::Encoder(model).encode({{"fine", std::nullopt}});
  EXPECT_EQ(states.at(0).values.size(), states[0].tokens * states[0].width);
  EXPECT_EQ(states[0].width, 192U);
}

TEST(PublicApi, RunsEveryTask) {
  const berta::Model model(kTiny + "bert");
  EXPECT_FALSE(
      berta::TokenClassifier(model).find({"anna lives in paris"}, {.ignore_labels = {}})[0].entities.empty());
  EXPECT_EQ(berta::QuestionAnswerer(model).answer({{"who?", "anna smith"}}).at(0).answers.size(), 1U);
  EXPECT_EQ(berta::ZeroShotClassifier(model).classify({"a film"}, {"film", "sport"}).at(0).labels.size(), 2U);
  EXPECT_EQ(berta::MaskFiller(model).fill({"a [MASK]"}, {.top_k = 3}).at(0).masks.at(0).size(), 3U);
  EXPECT_EQ(berta::Embedder(model).embed({"a film"}).at(0).size(), 16U);
  const auto ranked = berta::Reranker(kTiny + "bert-one").rank("film", {"a", "b", "c"}, {.top_k = 2});
  ASSERT_EQ(ranked.size(), 2U);
  EXPECT_GE(ranked[0].score, ranked[1].score);
}

TEST(PublicApi, TokenizesWithoutAModel) {
  const berta::Tokenizer tokenizer(kSentiment);
  const auto text = tokenizer.encode({"good film"}).at(0);
  EXPECT_EQ(text.tokens.front(), "[CLS]");
  EXPECT_EQ(text.ids.size(), text.ends.size());
  EXPECT_EQ(tokenizer.decode(text.ids), "good film");
  EXPECT_EQ(tokenizer.size(), 8001);
}

TEST(PublicApi, SaysWhatIsWrong) {
  try {
    const berta::Classifier classifier("/no/such/folder");
    FAIL() << "loaded";
  } catch (const berta::Error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/folder"), std::string::npos);
  }
  EXPECT_FALSE(berta::version().empty());
}

}  // namespace
