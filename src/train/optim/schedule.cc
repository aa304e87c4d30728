#include "train/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace berta::train {

double Schedule::factor(std::int64_t step) const {
  const auto now = static_cast<double>(step);
  const auto warmup = static_cast<double>(warmup_steps);
  const auto total = static_cast<double>(std::max<std::int64_t>(total_steps, 1));
  if (kind == ScheduleKind::microsoft_linear) {
    const double x = now / total;
    return x < warmup / total ? now / warmup : (1 - end) * std::max(1 - x, 0.0) + end;
  }
  if (now < warmup) return now / warmup;
  if (kind == ScheduleKind::constant) return 1;
  const double left = std::max(total - now, 0.0) / std::max(total - warmup, 1.0);
  if (kind == ScheduleKind::linear) return (1 - end) * left + end;
  return (1 - end) * 0.5 * (1 + std::cos(std::numbers::pi * (1 - left))) + end;
}

}  // namespace berta::train
