#include "metrics/classification.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "golden.h"

namespace berta::metrics {
namespace {

using Ids = std::vector<std::size_t>;

void expect_score(const FScore& score, const std::vector<double>& expected, const std::string& what) {
  expect_close(score.precision, expected.at(0), what + " precision");
  expect_close(score.recall, expected.at(1), what + " recall");
  expect_close(score.f1, expected.at(2), what + " f1");
  if (expected.size() > 3) {
    EXPECT_EQ(static_cast<double>(score.support), expected[3]) << what;
  }
}

void expect_averages(std::span<const ClassTally> tallies, const io::Json& golden) {
  expect_score(f_score(tallies, Average::micro), numbers(golden, "micro"), "micro");
  expect_score(f_score(tallies, Average::macro), numbers(golden, "macro"), "macro");
  expect_score(f_score(tallies, Average::weighted), numbers(golden, "weighted"), "weighted");
}

TEST(Classification, AsScikitLearn) {
  for (const io::Json& golden : golden_cases("single_label")) {
    const auto expected = integers<std::size_t>(golden, "expected");
    const auto predicted = integers<std::size_t>(golden, "predicted");
    const auto classes = static_cast<std::size_t>(number(golden, "classes"));
    expect_close(accuracy(expected, predicted), number(golden, "accuracy"), "accuracy");
    EXPECT_EQ(confusion_counts(expected, predicted, classes), integers<std::uint64_t>(golden, "confusion"));
    const auto tallies = tally(expected, predicted, classes);
    expect_close(matthews_correlation(tallies), number(golden, "matthews"), "matthews");
    expect_averages(without_absent(tallies), golden);
    const auto& classwise = golden.find("classwise")->as_array("classwise");
    ASSERT_EQ(tallies.size(), classwise.size());
    for (std::size_t i = 0; i < classes; ++i)
      expect_score(f_score(tallies[i]), numbers(classwise[i]), "class");
  }
}

TEST(Classification, ManySamplesOfMatthews) {
  // All right, then all wrong; the squares of the counts go beyond 2^53.
  const std::vector<ClassTally> right(2, {.correct = 1u << 30, .expected = 1u << 30, .predicted = 1u << 30});
  EXPECT_DOUBLE_EQ(matthews_correlation(right), 1);
  const std::vector<ClassTally> wrong(2, {.correct = 0, .expected = 1u << 30, .predicted = 1u << 30});
  EXPECT_DOUBLE_EQ(matthews_correlation(wrong), -1);
}

TEST(Classification, NamesAndPositiveClass) {
  const Ids expected{0, 0, 0, 1};
  const Ids predicted{0, 0, 1, 1};
  const Metrics binary = classification_metrics(expected, predicted, 2);
  EXPECT_DOUBLE_EQ(value_of(binary, "accuracy"), 0.75);
  EXPECT_DOUBLE_EQ(value_of(binary, "f1"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value_of(classification_metrics(expected, predicted, 2, 0), "f1"), 0.8);
  constexpr std::string_view kBoth[] = {"accuracy", "f1"};
  EXPECT_DOUBLE_EQ(combined_score(binary, kBoth).value, (0.75 + 2.0 / 3) / 2);
  const Metrics several = classification_metrics(expected, predicted, 3);
  EXPECT_DOUBLE_EQ(value_of(several, "f1_macro"), (0.8 + 2.0 / 3) / 2);  // the third class is absent
  EXPECT_DOUBLE_EQ(value_of(several, "f1_micro"), 0.75);
  EXPECT_EQ(several.back().name, "matthews_correlation");
  EXPECT_THROW(value_of(several, "f1"), UserError);
}

TEST(Classification, OfNothing) {
  EXPECT_TRUE(std::isnan(accuracy({}, {})));
  const Metrics metrics = classification_metrics({}, {}, 3);
  EXPECT_EQ(value_of(metrics, "f1_macro"), 0);
  EXPECT_EQ(value_of(metrics, "f1_weighted"), 0);
  EXPECT_EQ(value_of(metrics, "matthews_correlation"), 0);
}

TEST(Classification, RefusesWhatDoesNotFit) {
  EXPECT_THROW(accuracy(Ids{1}, Ids{}), InternalError);
  EXPECT_THROW(tally(Ids{2}, Ids{0}, 2), InternalError);
  EXPECT_THROW(confusion_counts(Ids{0}, Ids{2}, 2), InternalError);
  EXPECT_THROW(confusion_counts({}, {}, std::size_t{1} << 40), InternalError);
}

TEST(MultiLabel, AsScikitLearn) {
  for (const io::Json& golden : golden_cases("multi_label")) {
    const auto expected_flags = integers<std::uint8_t>(golden, "expected");
    const auto predicted_flags = integers<std::uint8_t>(golden, "predicted");
    const auto labels = static_cast<std::size_t>(number(golden, "labels"));
    const LabelSets expected{.flags = expected_flags, .labels = labels};
    const LabelSets predicted{.flags = predicted_flags, .labels = labels};
    expect_averages(tally(expected, predicted), golden);
    const Metrics metrics = multi_label_metrics(expected, predicted);
    expect_close(value_of(metrics, "subset_accuracy"), number(golden, "subset_accuracy"), "subset accuracy");
    expect_close(value_of(metrics, "f1_macro"), numbers(golden, "macro")[2], "macro");
  }
}

TEST(MultiLabel, OfNothingAndOfWhatDoesNotFit) {
  EXPECT_TRUE(std::isnan(subset_accuracy({.labels = 3}, {.labels = 3})));
  const std::vector<std::uint8_t> flags{1, 0, 1};
  const LabelSets broken{.flags = flags, .labels = 2};
  EXPECT_THROW(tally(broken, broken), InternalError);
  EXPECT_THROW(tally(broken, {.flags = flags, .labels = 3}), InternalError);
}

}  // namespace
}  // namespace berta::metrics
