#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/metric.h"

namespace berta::metrics {

/// One class a sample, as numbers from 0.
using ClassIds = std::span<const std::size_t>;

/// Share of equal ones; NaN for no samples. Throws InternalError for lists that are not equally long.
double accuracy(ClassIds expected, ClassIds predicted);

/// counts[e * classes + p]: samples of class e of which p was said. Throws InternalError for a class that is
/// not below `classes`, and for more than 65,536 classes (tally() needs no table).
std::vector<std::uint64_t> confusion_counts(ClassIds expected, ClassIds predicted, std::size_t classes);

/// Of one class (or label, or type of entity): how many there are, were said, and were said rightly.
struct ClassTally {
  std::uint64_t correct = 0;
  std::uint64_t expected = 0;
  std::uint64_t predicted = 0;
};

/// One entry a class. Throws InternalError for a class that is not below `classes`.
std::vector<ClassTally> tally(ClassIds expected, ClassIds predicted, std::size_t classes);

/// Without the classes that neither occur nor were said: scikit-learn's macro average leaves them out.
std::vector<ClassTally> without_absent(std::span<const ClassTally> classes);

/// Each 0 to 1. What would be 0 / 0 is 0, as with scikit-learn's zero_division=0.
struct FScore {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  std::uint64_t support = 0;  ///< samples that are of the class (or classes)
};

/// Of one class against the rest: the binary score with this class as the positive one.
FScore f_score(const ClassTally& tally);

enum class Average : std::uint8_t {
  micro,     ///< of the summed counts
  macro,     ///< the plain mean over all given classes
  weighted,  ///< the mean weighted by how often each occurs
};

/// Over several classes; zeros for none.
FScore f_score(std::span<const ClassTally> classes, Average average);

/// Matthews' correlation, of more than two classes too (Gorodkin's R_K), -1 to 1; 0 where one side has a
/// single class, as in scikit-learn.
double matthews_correlation(std::span<const ClassTally> classes);

/// With two classes: "accuracy", "precision", "recall", "f1" (of class `positive`), "matthews_correlation".
/// With more: "accuracy", "f1_macro", "f1_micro", "f1_weighted", "precision_macro", "recall_macro",
/// "matthews_correlation"; the macro means are those of the classes that occur or were said.
Metrics classification_metrics(ClassIds expected, ClassIds predicted, std::size_t classes,
                               std::size_t positive = 1);

/// Sets of labels: flags[row * labels + label] is 1 where the label holds, else 0.
struct LabelSets {
  std::span<const std::uint8_t> flags{};
  std::size_t labels = 0;
};

/// One entry a label. Throws InternalError for tables of different shapes.
std::vector<ClassTally> tally(const LabelSets& expected, const LabelSets& predicted);

/// Share of rows of which all labels are right; NaN for no rows.
double subset_accuracy(const LabelSets& expected, const LabelSets& predicted);

/// "f1_micro", "f1_macro" (over all labels), "precision_micro", "recall_micro", "subset_accuracy".
Metrics multi_label_metrics(const LabelSets& expected, const LabelSets& predicted);

}  // namespace berta::metrics
