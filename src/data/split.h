#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace berta::data {

/// Indices of samples, each ascending; together all samples once.
struct Split {
  std::vector<std::size_t> train{};
  std::vector<std::size_t> dev{};
};

/// The same options give the same split on every machine.
struct SplitOptions {
  double dev_share = 0.1;  ///< above 0 and below 1
  std::uint64_t seed = 0;
  /// The class of each sample: each class gives its share as nearly as whole samples allow. Empty: no
  /// classes.
  std::span<const std::size_t> classes{};
};

/// dev gets round(count * dev_share) samples, but at least one, and leaves at least one.
/// Throws UserError for less than 2 samples and another share.
Split split_samples(std::size_t count, const SplitOptions& options);

struct FoldOptions {
  std::size_t folds = 5;  ///< at least 2
  std::uint64_t seed = 0;
  std::span<const std::size_t> classes{};  ///< as above
};

/// Each sample is in dev of one fold. Sizes of folds, and of a class in them, differ by one at most.
/// Throws UserError for less than 2 folds, and for fewer samples than folds.
std::vector<Split> split_folds(std::size_t count, const FoldOptions& options);

/// Indices of `wanted` samples drawn by the seed, ascending; all if there are not so many.
std::vector<std::size_t> draw_samples(std::size_t count, std::size_t wanted, std::uint64_t seed);

}  // namespace berta::data
