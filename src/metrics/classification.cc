#include "metrics/classification.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace berta::metrics {
namespace {

constexpr std::size_t kMostTableClasses = 65'536;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// As share(), but of nothing there is no accuracy.
double accuracy_of(std::uint64_t correct, std::size_t samples) {
  return samples == 0 ? std::numeric_limits<double>::quiet_NaN() : share(correct, samples);
}

void check_ids(ClassIds expected, ClassIds predicted, std::size_t classes) {
  check_internal(expected.size() == predicted.size(), "classes of lists that are not equally long");
  const auto fits = [classes](std::size_t id) { return id < classes; };
  check_internal(std::all_of(expected.begin(), expected.end(), fits), "an expected class beyond the classes");
  check_internal(std::all_of(predicted.begin(), predicted.end(), fits),
                 "a predicted class beyond the classes");
}

std::size_t rows_of(const LabelSets& expected, const LabelSets& predicted) {
  check_internal(expected.labels == predicted.labels && expected.flags.size() == predicted.flags.size(),
                 "sets of labels of different shapes");
  if (expected.flags.empty()) return 0;
  check_internal(expected.labels > 0 && expected.flags.size() % expected.labels == 0,
                 "sets of labels with a row that is not complete");
  return expected.flags.size() / expected.labels;
}

}  // namespace

double accuracy(ClassIds expected, ClassIds predicted) {
  check_internal(expected.size() == predicted.size(), "classes of lists that are not equally long");
  std::uint64_t correct = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) correct += expected[i] == predicted[i] ? 1 : 0;
  return accuracy_of(correct, expected.size());
}

std::vector<std::uint64_t> confusion_counts(ClassIds expected, ClassIds predicted, std::size_t classes) {
  check_internal(classes <= kMostTableClasses, "a confusion table of too many classes");
  check_ids(expected, predicted, classes);
  std::vector<std::uint64_t> counts(classes * classes);
  for (std::size_t i = 0; i < expected.size(); ++i) ++counts[expected[i] * classes + predicted[i]];
  return counts;
}

std::vector<ClassTally> tally(ClassIds expected, ClassIds predicted, std::size_t classes) {
  check_ids(expected, predicted, classes);
  std::vector<ClassTally> tallies(classes);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ++tallies[expected[i]].expected;
    ++tallies[predicted[i]].predicted;
    if (expected[i] == predicted[i]) ++tallies[expected[i]].correct;
  }
  return tallies;
}

std::vector<ClassTally> without_absent(std::span<const ClassTally> classes) {
  std::vector<ClassTally> present;
  std::copy_if(classes.begin(), classes.end(), std::back_inserter(present),
               [](const ClassTally& one) { return one.expected + one.predicted > 0; });
  return present;
}

FScore f_score(const ClassTally& tally) {
  return {.precision = share(tally.correct, tally.predicted),
          .recall = share(tally.correct, tally.expected),
          .f1 = share(2 * tally.correct, tally.expected + tally.predicted),
          .support = tally.expected};
}

FScore f_score(std::span<const ClassTally> classes, Average average) {
  ClassTally sum;
  for (const ClassTally& one : classes) {
    sum.correct += one.correct;
    sum.expected += one.expected;
    sum.predicted += one.predicted;
  }
  if (average == Average::micro) return f_score(sum);
  FScore mean{.support = sum.expected};
  for (const ClassTally& one : classes) {
    const FScore score = f_score(one);
    const double weight = average == Average::weighted ? share(one.expected, sum.expected)
                                                       : 1 / static_cast<double>(classes.size());
    mean.precision += weight * score.precision;
    mean.recall += weight * score.recall;
    mean.f1 += weight * score.f1;
  }
  return mean;
}

double matthews_correlation(std::span<const ClassTally> classes) {
  double samples = 0;
  double correct = 0;
  double products = 0;
  double expected_squares = 0;
  double predicted_squares = 0;
  for (const ClassTally& one : classes) {
    const auto expected = static_cast<double>(one.expected);
    const auto predicted = static_cast<double>(one.predicted);
    samples += expected;
    correct += static_cast<double>(one.correct);
    products += expected * predicted;
    expected_squares += expected * expected;
    predicted_squares += predicted * predicted;
  }
  // Two roots: the product of both spreads goes beyond the integers that a double holds.
  const double spread =
      std::sqrt(samples * samples - expected_squares) * std::sqrt(samples * samples - predicted_squares);
  return spread > 0 ? (correct * samples - products) / spread : 0;
}

Metrics classification_metrics(ClassIds expected, ClassIds predicted, std::size_t classes,
                               std::size_t positive) {
  const std::vector<ClassTally> tallies = tally(expected, predicted, classes);
  Metrics metrics{{.name = "accuracy", .value = accuracy(expected, predicted)}};
  if (classes == 2) {
    check_internal(positive < classes, "a positive class beyond the classes");
    const FScore score = f_score(tallies[positive]);
    metrics.push_back({.name = "precision", .value = score.precision});
    metrics.push_back({.name = "recall", .value = score.recall});
    metrics.push_back({.name = "f1", .value = score.f1});
  } else {
    const std::vector<ClassTally> present = without_absent(tallies);
    const FScore macro = f_score(present, Average::macro);
    metrics.push_back({.name = "f1_macro", .value = macro.f1});
    metrics.push_back({.name = "f1_micro", .value = f_score(present, Average::micro).f1});
    metrics.push_back({.name = "f1_weighted", .value = f_score(present, Average::weighted).f1});
    metrics.push_back({.name = "precision_macro", .value = macro.precision});
    metrics.push_back({.name = "recall_macro", .value = macro.recall});
  }
  metrics.push_back({.name = "matthews_correlation", .value = matthews_correlation(tallies)});
  return metrics;
}

std::vector<ClassTally> tally(const LabelSets& expected, const LabelSets& predicted) {
  const std::size_t rows = rows_of(expected, predicted);
  std::vector<ClassTally> tallies(expected.labels);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t label = 0; label < expected.labels; ++label) {
      const bool holds = expected.flags[row * expected.labels + label] != 0;
      const bool said = predicted.flags[row * expected.labels + label] != 0;
      tallies[label].expected += holds ? 1 : 0;
      tallies[label].predicted += said ? 1 : 0;
      tallies[label].correct += holds && said ? 1 : 0;
    }
  }
  return tallies;
}

double subset_accuracy(const LabelSets& expected, const LabelSets& predicted) {
  const std::size_t rows = rows_of(expected, predicted);
  std::uint64_t correct = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto a = expected.flags.subspan(row * expected.labels, expected.labels);
    const auto b = predicted.flags.subspan(row * expected.labels, expected.labels);
    const bool equal = std::equal(a.begin(), a.end(), b.begin(),
                                  [](std::uint8_t x, std::uint8_t y) { return (x != 0) == (y != 0); });
    correct += equal ? 1 : 0;
  }
  return accuracy_of(correct, rows);
}

Metrics multi_label_metrics(const LabelSets& expected, const LabelSets& predicted) {
  const std::vector<ClassTally> tallies = tally(expected, predicted);
  const FScore micro = f_score(tallies, Average::micro);
  return {{.name = "f1_micro", .value = micro.f1},
          {.name = "f1_macro", .value = f_score(tallies, Average::macro).f1},
          {.name = "precision_micro", .value = micro.precision},
          {.name = "recall_micro", .value = micro.recall},
          {.name = "subset_accuracy", .value = subset_accuracy(expected, predicted)}};
}

}  // namespace berta::metrics
