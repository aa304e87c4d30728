#include "wordvec/alias_sampler.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"

namespace berta::wordvec {

AliasSampler::AliasSampler(std::span<const double> weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  check_internal(total > 0, "nothing to draw from");
  const double scale = static_cast<double>(weights.size()) / total;
  std::vector<double> part(weights.size());
  std::vector<std::uint32_t> small;  // slots that another fills up
  std::vector<std::uint32_t> large;
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    part[i] = weights[i] * scale;
    (part[i] < 1 ? small : large).push_back(i);
  }
  slots_.resize(weights.size());
  for (std::uint32_t i = 0; i < weights.size(); ++i) slots_[i] = {0, i};
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back();
    const std::uint32_t high = large.back();
    small.pop_back();
    slots_[low] = {static_cast<std::uint32_t>(std::min(part[low] * 0x1p32, 0x1p32 - 1)), high};
    part[high] -= 1 - part[low];
    if (part[high] >= 1) continue;
    large.pop_back();
    small.push_back(high);
  }
  // What is left is 1 but for rounding and stands for itself, unless its weight is 0.
  const auto heaviest =
      static_cast<std::uint32_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
  for (const auto& left : {small, large}) {
    for (const std::uint32_t i : left) slots_[i] = {0, weights[i] > 0 ? i : heaviest};
  }
}

}  // namespace berta::wordvec
