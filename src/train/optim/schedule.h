#pragma once

#include <cstdint>

namespace berta::train {

/// How the learning rate changes over a training.
enum class ScheduleKind : std::uint8_t {
  linear,           ///< warm-up, then linearly to `end`: as `transformers`
  cosine,           ///< warm-up, then half a cosine to `end`
  constant,         ///< warm-up, then 1
  microsoft_linear  ///< warmup_linear of microsoft/DeBERTa 4d7fe0b: 1 - x from the start, so it falls from 1
                    ///< to 1 - warmup where the warm-up ends
};

struct Schedule {
  ScheduleKind kind = ScheduleKind::linear;
  std::int64_t warmup_steps = 0;
  std::int64_t total_steps = 1;
  double end = 0;  ///< part of the rate that is left at the end

  /// Part of the learning rate for step 0 ... total_steps - 1 and later.
  double factor(std::int64_t step) const;
};

}  // namespace berta::train
