#pragma once

#include <span>
#include <vector>

#include "berta/types.h"
#include "infer/model.h"

namespace berta::tasks {

/// One vector of the token vectors `states` [length, D], specials included (sentence-transformers' Pooling
/// without padding); several poolings: their vectors behind one another.
std::vector<float> pool(const infer::Matrix& states, std::span<const Pooling> poolings);

/// To length 1; vectors shorter than 1e-12 are divided by that, as torch's normalize.
void normalize(std::vector<float>& values);

}  // namespace berta::tasks
