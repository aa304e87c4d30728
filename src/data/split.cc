#include "data/split.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include "core/error.h"
#include "core/random_stream.h"

namespace berta::data {
namespace {

using Indices = std::vector<std::size_t>;

void shuffle(Indices& indices, RandomStream& random) {
  for (std::size_t left = indices.size(); left > 1; --left) {
    std::swap(indices[left - 1], indices[random.below(static_cast<std::uint32_t>(left))]);
  }
}

/// The samples of each class, shuffled; one list of all without classes.
std::vector<Indices> shuffled_classes(std::size_t count, std::span<const std::size_t> classes,
                                      std::uint64_t seed) {
  check_internal(classes.empty() || classes.size() == count, "not one class a sample");
  check_internal(count <= std::numeric_limits<std::uint32_t>::max(), "more samples than 32 bits count");
  std::map<std::size_t, Indices> by_class;
  for (std::size_t i = 0; i < count; ++i) by_class[classes.empty() ? 0 : classes[i]].push_back(i);
  RandomStream random(seed, 0);
  std::vector<Indices> lists;
  for (auto& [id, indices] : by_class) {
    shuffle(indices, random);
    lists.push_back(std::move(indices));
  }
  return lists;
}

/// How many each list gives of `wanted`: its share rounded down, and one more for the largest remainders.
Indices shares(const std::vector<Indices>& lists, std::size_t count, std::size_t wanted) {
  Indices result;
  std::vector<double> remainders;
  for (const Indices& list : lists) {
    const double exact =
        static_cast<double>(list.size()) * static_cast<double>(wanted) / static_cast<double>(count);
    result.push_back(static_cast<std::size_t>(std::floor(exact)));
    remainders.push_back(exact - std::floor(exact));
  }
  Indices order(lists.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  std::size_t given = std::accumulate(result.begin(), result.end(), std::size_t{0});
  for (const std::size_t list : order) {
    if (given >= wanted) break;
    if (result[list] == lists[list].size()) continue;
    ++result[list];
    ++given;
  }
  return result;
}

/// Ascending, from marks of those that belong to dev.
Split split_by(const std::vector<bool>& is_dev) {
  Split split;
  for (std::size_t i = 0; i < is_dev.size(); ++i) (is_dev[i] ? split.dev : split.train).push_back(i);
  return split;
}

}  // namespace

Split split_samples(std::size_t count, const SplitOptions& options) {
  if (!(options.dev_share > 0 && options.dev_share < 1)) {
    throw UserError("expected a share of the samples above 0 and below 1, found " +
                    std::to_string(options.dev_share));
  }
  if (count < 2) throw UserError("expected at least 2 samples to split, found " + std::to_string(count));
  const auto rounded = static_cast<std::size_t>(std::llround(static_cast<double>(count) * options.dev_share));
  const std::size_t wanted = std::clamp<std::size_t>(rounded, 1, count - 1);
  const std::vector<Indices> lists = shuffled_classes(count, options.classes, options.seed);
  const Indices parts = shares(lists, count, wanted);
  std::vector<bool> is_dev(count);
  for (std::size_t list = 0; list < lists.size(); ++list) {
    for (std::size_t i = 0; i < parts[list]; ++i) is_dev[lists[list][i]] = true;
  }
  return split_by(is_dev);
}

std::vector<Split> split_folds(std::size_t count, const FoldOptions& options) {
  if (options.folds < 2) throw UserError("expected at least 2 folds, found " + std::to_string(options.folds));
  if (count < options.folds) {
    throw UserError("expected at least a sample for each of " + std::to_string(options.folds) +
                    " folds, found " + std::to_string(count));
  }
  // Dealt in turn over the classes, one behind the other: then the folds and the classes in them are even.
  std::vector<std::size_t> fold_of(count);
  std::size_t turn = 0;
  for (const Indices& list : shuffled_classes(count, options.classes, options.seed)) {
    for (const std::size_t sample : list) fold_of[sample] = turn++ % options.folds;
  }
  std::vector<Split> folds;
  for (std::size_t fold = 0; fold < options.folds; ++fold) {
    std::vector<bool> is_dev(count);
    for (std::size_t i = 0; i < count; ++i) is_dev[i] = fold_of[i] == fold;
    folds.push_back(split_by(is_dev));
  }
  return folds;
}

std::vector<std::size_t> draw_samples(std::size_t count, std::size_t wanted, std::uint64_t seed) {
  if (count == 0) return {};
  Indices indices = shuffled_classes(count, {}, seed).front();
  indices.resize(std::min(count, wanted));
  std::sort(indices.begin(), indices.end());
  return indices;
}

}  // namespace berta::data
