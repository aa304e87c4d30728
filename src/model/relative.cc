#include "model/relative.h"

#include <algorithm>
#include <cmath>

namespace berta::model {
namespace {

/// In float, as transformers 4.57.1 and microsoft/DeBERTa 4d7fe0b compute it: for the released pair (256,
/// 512) double gives the same, for others (512, 4096) it does not. Each logarithm is rounded once.
std::int64_t bucket(std::int64_t distance, std::int64_t buckets, std::int64_t max_position) {
  const std::int64_t mid = buckets / 2;
  const std::int64_t size = std::abs(distance);
  if (size <= mid) return distance;
  const auto logarithm = [](float x) { return static_cast<float>(std::log(static_cast<double>(x))); };
  const float reach = static_cast<float>(static_cast<double>(max_position - 1) / static_cast<double>(mid));
  const float ratio = logarithm(static_cast<float>(size) / static_cast<float>(mid)) / logarithm(reach);
  const auto far = static_cast<std::int64_t>(std::ceil(ratio * static_cast<float>(mid - 1))) + mid;
  return distance < 0 ? -far : far;
}

}  // namespace

std::int32_t relative_row(const RelativeAttention& relative, std::int64_t distance) {
  const std::int64_t last = relative.max_position - 1;
  if (relative.buckets > 0 && relative.saturation == Saturation::ms)
    distance = std::clamp(distance, -last, last);
  const std::int64_t span = relative.span();
  const std::int64_t place =
      relative.buckets > 0 ? bucket(distance, relative.buckets, relative.max_position) : distance;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(place + span, 0, 2 * span - 1));
}

RelativeRows::RelativeRows(const RelativeAttention& relative, std::int64_t length)
    : length_(length), rows_(static_cast<std::size_t>(2 * length - 1)) {
  for (std::int64_t distance = 1 - length; distance < length; ++distance) {
    rows_[static_cast<std::size_t>(distance + length - 1)] = relative_row(relative, distance);
  }
  for (std::size_t i = 1; i < rows_.size(); ++i) {
    steady_ = steady_ && (rows_[i] == rows_[i - 1] || rows_[i] == rows_[i - 1] + 1);
  }
}

TableRows RelativeRows::used() const {
  if (rows_.empty()) return {};
  const auto [low, high] = std::minmax_element(rows_.begin(), rows_.end());
  return {*low, *high - *low + 1};
}

RelativeRows RelativeRows::counted_from(std::int32_t first) const {
  RelativeRows moved = *this;
  for (std::int32_t& row : moved.rows_) row -= first;
  return moved;
}

}  // namespace berta::model
