#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "wordvec/minimise.h"

namespace berta::wordvec {

/// Examples: rows of numbers, and the class of each.
struct Examples {
  std::size_t dimension = 0;
  std::vector<double> features;        ///< [examples, dimension]
  std::vector<std::uint32_t> classes;  ///< one an example

  std::size_t size() const { return classes.size(); }
  std::span<const double> row(std::size_t i) const {
    return std::span(features).subspan(i * dimension, dimension);
  }
};

/// Multinomial logistic regression: scores s = W x + b, probabilities softmax(s).
struct LogisticModel {
  std::size_t classes = 0;
  std::size_t dimension = 0;
  std::vector<double> weights;  ///< [classes, dimension + 1]; the last of a row is b

  /// The class of the largest score; of equals the first.
  std::uint32_t classify(std::span<const double> features) const;
};

struct LogisticTask {
  const Examples& examples;
  std::size_t classes = 0;
  double l2 = 0;
};

/// The mean of -log p(class) plus l2 / 2 times the sum of the squares of W (not of b), and its gradient.
/// `weights` as LogisticModel's. Runs on threads(), but sums in an order that does not depend on them.
double logistic_loss(const LogisticTask& task, std::span<const double> weights, std::span<double> gradient);

struct LogisticFit {
  LogisticModel model;
  double loss = 0;
  double gradient = 0;  ///< the largest part that is left
  std::size_t steps = 0;
  bool converged = false;
};

/// Minimises logistic_loss from zeros. There is one minimum where l2 > 0. At least one example and class.
LogisticFit fit_logistic(const LogisticTask& task, const MinimiseOptions& options = {});

/// Shifts and scales that give the columns of a set mean 0 and variance 1; columns of equal numbers become 0.
class Standardiser {
 public:
  explicit Standardiser(const Examples& examples);
  void apply(Examples& examples) const;

 private:
  std::vector<double> means_;
  std::vector<double> scales_;
};

}  // namespace berta::wordvec
