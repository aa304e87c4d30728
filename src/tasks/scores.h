#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "berta/types.h"

namespace berta::tasks {

/// 1 / (1 + exp(-x)), without overflow.
float sigmoid(float x);

/// exp(x_i - max) / sum; in double inside.
std::vector<float> softmax(std::span<const float> logits);

/// Scores of a row of logits. `function` is not `automatic`.
std::vector<float> apply(ScoreFunction function, std::span<const float> logits);

/// Indexes of the `count` largest values (0: all) by falling value, equal ones by index; NaNs come last.
std::vector<std::size_t> largest(std::span<const float> values, std::size_t count);

/// Index of the largest value, the first of equal ones.
std::size_t arg_max(std::span<const float> values);

}  // namespace berta::tasks
