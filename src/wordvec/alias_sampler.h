#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/random_stream.h"

namespace berta::wordvec {

/// Draws numbers with given weights in constant time (Vose, "A linear algorithm for generating random numbers
/// with a given distribution", 1991). It has no state of its own: threads share it and bring their streams.
class AliasSampler {
 public:
  /// At least one weight is above 0, none is below. Throws InternalError otherwise.
  explicit AliasSampler(std::span<const double> weights);

  std::uint32_t draw(RandomStream& random) const {
    const std::uint64_t bits = random.next();
    const auto slot = static_cast<std::uint32_t>((bits >> 32) * slots_.size() >> 32);
    return static_cast<std::uint32_t>(bits) < slots_[slot].threshold ? slot : slots_[slot].alias;
  }

 private:
  struct Slot {
    std::uint32_t threshold;  // of 2^32: how often the slot stands for itself
    std::uint32_t alias;
  };
  std::vector<Slot> slots_;
};

}  // namespace berta::wordvec
