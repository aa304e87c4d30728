#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "train/heads/examples.h"
#include "train/settings.h"

// Distributions over rows: of an answer's start over the tokens of its sequence, of the right choice over the
// choices of its question. Packed batches hold groups of different sizes behind one another.
namespace berta::train {

/// Stands where a group has no row. Its softmax is 0 as that of -inf is; but 0 times its logarithm is 0,
/// where that of -inf would be NaN, in a divergence of two distributions and in its gradient.
inline constexpr double kNoRow = -1e30;

/// [rows, columns] -> [groups * columns, the longest group]: for each group, for each column, its rows;
/// behind them kNoRow.
at::Tensor group_rows(const at::Tensor& logits, std::span<const std::int64_t> lengths);

/// Cross-entropy of grouped rows, mean over all of them, with the smoothing (over a group's own rows) and the
/// focus of the settings. labels [groups * columns]: which row of its group is right.
at::Tensor group_loss(const at::Tensor& grouped, const at::Tensor& labels, const FinetuneSettings& settings);

/// How many tokens each sequence has.
std::vector<std::int64_t> token_counts(Examples examples);
/// How many sequences each example has.
std::vector<std::int64_t> sequence_counts(Examples examples);

}  // namespace berta::train
