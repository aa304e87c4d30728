#include "train/ops/row_groups.h"

#include <algorithm>

#include "core/error.h"

namespace berta::train {

at::Tensor group_rows(const at::Tensor& logits, std::span<const std::int64_t> lengths) {
  check_internal(!lengths.empty(), "no groups of rows");
  const auto groups = static_cast<std::int64_t>(lengths.size());
  const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  std::vector<std::int64_t> rows(static_cast<std::size_t>(groups * longest), -1);
  std::int64_t begin = 0;
  for (std::size_t group = 0; group < lengths.size(); ++group) {
    for (std::int64_t i = 0; i < lengths[group]; ++i)
      rows[group * static_cast<std::size_t>(longest) + static_cast<std::size_t>(i)] = begin + i;
    begin += lengths[group];
  }
  check_internal(begin == logits.size(0), "groups that are not all rows");
  const at::Tensor indexes = at::tensor(rows, at::kLong).to(logits.device());
  const at::Tensor absent = indexes.lt(0).view({groups, 1, longest});
  return logits.index_select(0, indexes.clamp_min(0))
      .view({groups, longest, logits.size(1)})
      .transpose(1, 2)
      .masked_fill(absent, kNoRow)
      .reshape({groups * logits.size(1), longest});
}

at::Tensor group_loss(const at::Tensor& grouped, const at::Tensor& labels, const FinetuneSettings& settings) {
  const at::Tensor logarithms = at::log_softmax(grouped, 1);
  at::Tensor each = -logarithms.gather(1, labels.unsqueeze(1)).squeeze(1);
  if (settings.label_smoothing > 0) {
    const at::Tensor absent = grouped.le(kNoRow / 2);
    const at::Tensor counts = grouped.size(1) - absent.sum(1);
    const at::Tensor others = -logarithms.masked_fill(absent, 0).sum(1) / counts;
    each = (1 - settings.label_smoothing) * each + settings.label_smoothing * others;
  }
  if (settings.focal_gamma > 0) each = (1 - at::exp(-each)).pow(settings.focal_gamma) * each;
  return each.mean();
}

std::vector<std::int64_t> token_counts(Examples examples) {
  std::vector<std::int64_t> counts;
  for (const Example* example : examples) {
    for (const infer::Sequence& sequence : example->sequences)
      counts.push_back(static_cast<std::int64_t>(sequence.ids.size()));
  }
  return counts;
}

std::vector<std::int64_t> sequence_counts(Examples examples) {
  std::vector<std::int64_t> counts;
  for (const Example* example : examples)
    counts.push_back(static_cast<std::int64_t>(example->sequences.size()));
  return counts;
}

}  // namespace berta::train
