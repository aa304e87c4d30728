#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "core/error.h"
#include "core/parallel.h"
#include "golden_case.h"
#include "tasks/classify.h"
#include "tasks/embed.h"
#include "tasks/fill_mask.h"
#include "tasks/question_answer.h"
#include "tasks/rerank.h"
#include "tasks/rtd.h"
#include "tasks/token_classify.h"
#include "tasks/zero_shot.h"

namespace berta::tasks {
namespace {

using testing::make_runtime;

std::vector<TextInput> some_texts(std::size_t count) {
  std::vector<TextInput> inputs;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = "Review " + std::to_string(i);
    for (std::size_t k = 0; k < i * 7 % 23; ++k) text += k % 2 == 0 ? " good" : " film";
    inputs.push_back({std::move(text), std::nullopt});
  }
  return inputs;
}

void expect_same(const std::vector<Classification>& a, const std::vector<Classification>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].labels.size(), b[i].labels.size()) << i;
    EXPECT_EQ(a[i].labels[0].label, b[i].labels[0].label) << i;
    EXPECT_NEAR(a[i].labels[0].score, b[i].labels[0].score, 1e-6) << i;
  }
}

TEST(Batches, ResultsDoNotDependOnThem) {
  const auto inputs = some_texts(60);
  const auto usual = Classifier(make_runtime("deberta")).run(inputs);
  for (const std::size_t tokens : {1U, 30U, 100000U}) {
    expect_same(usual, Classifier(make_runtime("deberta", {.batch_tokens = tokens})).run(inputs));
  }
}

TEST(Batches, ManyThreadsMayCall) {
  const auto inputs = some_texts(40);
  const Classifier classifier(make_runtime("deberta", {.batch_tokens = 64}));
  const auto usual = classifier.run(inputs);
  std::vector<std::vector<Classification>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) threads.emplace_back([&] { result = classifier.run(inputs); });
  }
  for (const auto& result : results) expect_same(usual, result);
}

TEST(Batches, NoInputsNoResults) {
  EXPECT_TRUE(Classifier(make_runtime("deberta")).run({}).empty());
}

TEST(Errors, OneBadTextSpoilsNoOther) {
  auto inputs = some_texts(9);
  inputs[4].text = "bad \xc3 bytes";
  const auto results = Classifier(make_runtime("deberta")).run(inputs);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].ok(), i != 4) << results[i].error;
    EXPECT_EQ(results[i].labels.size(), i == 4 ? 0U : 1U);
  }
  EXPECT_NE(results[4].error.find("UTF-8"), std::string::npos) << results[4].error;
}

TEST(Errors, IdsThatTheModelLacksSpoilNoOther) {
  // The BERT's table has 150 rows or so, the sentiment model's tokenizer 8,001 ids.
  const std::string bert = std::string(BERTA_TEST_DATA) + "/goldens/tasks/bert";
  const std::string sentiment = std::string(BERTA_MODELS) + "/sentiment";
  const Classifier classifier(Runtime::load(bert, {}, {.tokenizer_folder = sentiment}));
  const std::vector<TextInput> inputs = {{"", std::nullopt}, {"charming", std::nullopt}, {"", std::nullopt}};
  const auto results = classifier.run(inputs);
  EXPECT_TRUE(results[0].ok());
  EXPECT_TRUE(results[2].ok());
  EXPECT_TRUE(results[1].error.starts_with("id ")) << results[1].error;
}

TEST(Errors, CutsAreNoted) {
  const std::vector<TextInput> inputs = {{"one two three four five six seven", std::nullopt},
                                         {"one", std::nullopt}};
  const auto cut = Classifier(make_runtime("deberta", {.max_length = 5})).run(inputs);
  EXPECT_TRUE(cut[0].truncated && cut[0].ok());
  EXPECT_FALSE(cut[1].truncated);
  const auto refused =
      Classifier(make_runtime("deberta", {.max_length = 5, .truncation = Truncation::error})).run(inputs);
  EXPECT_FALSE(refused[0].ok());
  EXPECT_TRUE(refused[1].ok());
}

TEST(Errors, OptionsOfACall) {
  const Runtime bert = make_runtime("bert");
  const std::vector<std::string> texts = {"a [MASK]"};
  EXPECT_THROW(TokenClassifier(bert).run(texts, {.stride = 4}), UserError);
  EXPECT_THROW(MaskFiller(bert).run(texts, {.top_k = 0}), UserError);
  EXPECT_THROW(MaskFiller(bert).run(texts, {.targets = {""}}), UserError);
  EXPECT_THROW(ZeroShotClassifier(bert).run({}, {.hypothesis = "none"}), UserError);
  EXPECT_THROW(QuestionAnswerer(bert).run({}, {.top_k = 0}), UserError);
  EXPECT_THROW(QuestionAnswerer(bert).run({}, {.max_answer_length = 0}), UserError);
  EXPECT_THROW(QuestionAnswerer(bert).run({}, {.window_length = 10, .stride = 10}), UserError);
}

TEST(Errors, HeadsThatAreNotThere) {
  EXPECT_THROW(Reranker{make_runtime("bert")}, UserError);  // five labels
  EXPECT_THROW(ReplacedTokenDetector{make_runtime("bert")}, UserError);
  const Runtime sentiment = Runtime::load(std::string(BERTA_MODELS) + "/sentiment");
  EXPECT_THROW(MaskFiller{sentiment}, UserError);
  EXPECT_THROW(QuestionAnswerer{sentiment}, UserError);
}

TEST(ZeroShot, NeedsLabelsButNoText) {
  const std::vector<ZeroShotInput> inputs = {{"a film", {}}, {"", {"film", "sport"}}};
  const auto results = ZeroShotClassifier(make_runtime("bert")).run(inputs);
  EXPECT_FALSE(results[0].ok());
  ASSERT_TRUE(results[1].ok());
  EXPECT_NEAR(results[1].labels[0].score + results[1].labels[1].score, 1, 1e-6);
}

TEST(MaskFilling, NeedsAMask) {
  const std::vector<std::string> texts = {"no mask", "one two three [MASK]"};
  const auto results = MaskFiller(make_runtime("bert", {.max_length = 5})).run(texts);
  EXPECT_NE(results[0].error.find("[MASK]"), std::string::npos);
  EXPECT_NE(results[1].error.find("maximal length"), std::string::npos) << results[1].error;
}

TEST(Answering, AnEmptyContextHasNoAnswer) {
  const std::vector<QuestionInput> inputs = {{"who?", ""}, {"who?", "  "}};
  const QuestionAnswerer answerer(make_runtime("bert"));
  for (const Answers& result : answerer.run(inputs)) EXPECT_TRUE(result.ok() && result.answers.empty());
  for (const Answers& result : answerer.run(inputs, {.allow_impossible = true})) {
    ASSERT_EQ(result.answers.size(), 1U);
    EXPECT_EQ(result.answers[0].text, "");
  }
}

TEST(Answering, AQuestionThatFillsTheWindowIsRefused) {
  const std::vector<QuestionInput> inputs = {{"one two three four five six seven eight", "a b c d e f"},
                                             {"who", "me"}};
  const auto results = QuestionAnswerer(make_runtime("bert")).run(inputs, {.window_length = 10, .stride = 1});
  EXPECT_FALSE(results[0].ok());
  EXPECT_TRUE(results[1].ok());
}

TEST(Embedding, PoolingAndLengthCanBeAsked) {
  const Embedder embedder(make_runtime("deberta"));
  const std::vector<std::string> texts = {"a film", ""};
  for (const Embedding& result : embedder.run(texts, {.pooling = Pooling::cls, .normalize = true})) {
    double squares = 0;
    for (const float value : result.values) squares += static_cast<double>(value) * value;
    EXPECT_NEAR(squares, 1, 1e-6);
  }
}

}  // namespace
}  // namespace berta::tasks
