#include "metrics/squad.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "golden.h"

namespace berta::metrics {
namespace {

using Answers = std::vector<std::string>;

std::vector<AnsweredQuestion> questions_of(const io::Json& golden) {
  std::vector<AnsweredQuestion> questions;
  for (const io::Json& one : golden.find("questions")->as_array("questions")) {
    questions.push_back({.answers = strings(*one.find("answers")),
                         .predicted = one.find("predicted")->as_string("predicted"),
                         .no_answer = number(one, "no_answer")});
  }
  return questions;
}

void expect_metrics(const Metrics& metrics, const io::Json& golden) {
  const auto& wanted = golden.as_object("metrics");
  EXPECT_EQ(metrics.size(), wanted.size());
  for (const auto& [name, value] : wanted) {
    expect_close(value_of(metrics, name), value.as_number(name), name);
  }
}

TEST(Squad, NormalisesAsTheDefinition) {
  EXPECT_EQ(normalize_answer("  The U.S.A. -- an  Apple, a day "), "usa apple day");
  EXPECT_EQ(normalize_answer("the"), "");
  EXPECT_EQ(normalize_answer("Theatre A1 an_a"), "theatre a1 ana");
  for (const io::Json& golden : golden_cases("answers")) {
    const auto questions = questions_of(golden);
    const auto normalised = strings(*golden.find("normalised"));
    for (std::size_t i = 0; i < questions.size(); ++i) {
      EXPECT_EQ(normalize_answer(questions[i].predicted), normalised[i]) << questions[i].predicted;
    }
  }
}

TEST(Squad, MetricsAsTheDefinition) {
  for (const io::Json& golden : golden_cases("answers")) {
    const auto questions = questions_of(golden);
    expect_metrics(squad_v2_metrics(questions, number(golden, "threshold")), *golden.find("v2"));
    if (const io::Json* first = golden.find("v1")) expect_metrics(squad_v1_metrics(questions), *first);
  }
}

TEST(Squad, TheBestGoldAnswerCounts) {
  const Answers answers{"a long red cat", "Cat!"};
  const AnswerScore score = squad_v1_score("the cat", answers);
  EXPECT_EQ(score.exact, 1);
  EXPECT_EQ(score.f1, 1);
  EXPECT_DOUBLE_EQ(squad_v1_score("red dog", answers).f1, 0.4);
}

TEST(Squad, AnswersWithoutWordsDifferBetweenTheVersions) {
  const Answers article{"the"};
  EXPECT_EQ(squad_v1_score("a", article).exact, 1);
  EXPECT_EQ(squad_v1_score("a", article).f1, 0);
  EXPECT_EQ(squad_v2_score("a", article).f1, 1);
  EXPECT_EQ(squad_v2_score("", {}).exact, 1);
  EXPECT_EQ(squad_v2_score("cat", {}).f1, 0);
  EXPECT_EQ(squad_v2_score("", Answers{"cat"}).f1, 0);
}

TEST(Squad, TheThresholdSilencesAnswers) {
  const std::vector<AnsweredQuestion> questions{{.answers = {"cat"}, .predicted = "cat", .no_answer = 0.1},
                                                {.answers = {}, .predicted = "dog", .no_answer = 0.6}};
  EXPECT_EQ(value_of(squad_v2_metrics(questions), "exact"), 50);
  EXPECT_EQ(value_of(squad_v2_metrics(questions, 0.5), "exact"), 100);
  EXPECT_EQ(value_of(squad_v2_metrics(questions, 0.05), "exact"), 50);
  const Metrics metrics = squad_v2_metrics(questions);
  EXPECT_EQ(value_of(metrics, "best_exact"), 100);
  EXPECT_EQ(value_of(metrics, "best_exact_thresh"), 0.1);
}

TEST(Squad, OfNothingAndOfWrongQuestions) {
  EXPECT_TRUE(std::isnan(value_of(squad_v1_metrics({}), "f1")));
  EXPECT_TRUE(std::isnan(value_of(squad_v2_metrics({}), "best_f1")));
  const std::vector<AnsweredQuestion> questions(1);
  EXPECT_THROW(squad_v1_metrics(questions), UserError);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<AnsweredQuestion> unsure(40, {.answers = {"a"}, .predicted = "b", .no_answer = nan});
  EXPECT_EQ(value_of(squad_v2_metrics(unsure), "best_exact"), 0);
}

}  // namespace
}  // namespace berta::metrics
