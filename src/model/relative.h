#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/config.h"

namespace berta::model {

/// Row of the relative table for a distance rel = query position - key position (deberta.md 1.3):
/// clamp(bucket(rel) + span, 0, 2 span - 1), where
///   bucket(rel) = rel                                                             |rel| <= mid = buckets / 2
///               = sign(rel) (ceil(ln(|rel| / mid) / ln((M - 1) / mid) (mid - 1)) + mid)     else.
/// Source: make_log_bucket_position of microsoft/DeBERTa 4d7fe0b and transformers 4.57.1.
std::int32_t relative_row(const RelativeAttention& relative, std::int64_t distance);

/// Rows [first, first + count) of a relative table.
struct TableRows {
  std::int32_t first = 0;
  std::int32_t count = 0;
};

/// relative_row for all distances of sequences up to `length`: it depends on q - k alone, so 2 length - 1
/// numbers stand for the L x L matrix.
class RelativeRows {
 public:
  RelativeRows() = default;
  RelativeRows(const RelativeAttention& relative, std::int64_t length);

  std::int64_t length() const { return length_; }
  std::int32_t operator()(std::int64_t distance) const { return centre()[distance]; }
  /// Pointer to the entry of distance 0; valid for [-(length - 1), length - 1].
  const std::int32_t* centre() const { return rows_.data() + (length_ - 1); }

  /// From the lowest to the highest row that a distance has.
  TableRows used() const;
  /// The same for a table that begins with row `first`.
  RelativeRows counted_from(std::int32_t first) const;

  /// True if with each distance the row stays or grows by one. So it is but for buckets that exceed their
  /// range.
  bool steady() const { return steady_; }

 private:
  bool steady_ = true;
  std::int64_t length_ = 0;
  std::vector<std::int32_t> rows_;
};

}  // namespace berta::model
