#include "infer/work.h"

#include <algorithm>

#include "infer/precision.h"
#include "model/relative.h"

namespace berta::infer {
namespace {

/// Weights of the linear layers of one encoder layer.
double weights_of_layer(const model::Config& config) {
  const auto hidden = static_cast<double>(config.hidden_size);
  const auto attention = static_cast<double>(config.attention_size());
  return 4 * hidden * attention + 2 * hidden * static_cast<double>(config.intermediate_size);
}

double weights_once(const model::Config& config) {
  const auto hidden = static_cast<double>(config.hidden_size);
  double weights = 0;
  if (config.embeddings.size != config.hidden_size)
    weights += hidden * static_cast<double>(config.embeddings.size);
  if (config.convolution.kernel > 0) {
    weights += hidden * hidden * static_cast<double>(config.convolution.kernel) /
               static_cast<double>(config.convolution.groups);
  }
  return weights;
}

/// Rows of the relative table that tokens of a sequence of this length can see.
double reachable_rows(const model::RelativeAttention& relative, std::int64_t length) {
  const model::RelativeRows rows(relative, length);
  const auto [low, high] = std::minmax_element(rows.centre() - (length - 1), rows.centre() + length);
  return static_cast<double>(*high - *low + 1);
}

}  // namespace

Work encoder_work(const model::Config& config, std::span<const std::int64_t> lengths, Precision precision) {
  const auto layers = static_cast<double>(config.layers);
  const auto attention = static_cast<double>(config.attention_size());
  const double weights = layers * weights_of_layer(config) + weights_once(config);
  const double terms = config.relative.content_to_position + config.relative.position_to_content;
  Work work;
  for (const std::int64_t length : lengths) {
    const auto tokens = static_cast<double>(length);
    const double rows = terms > 0 ? reachable_rows(config.relative, length) : 0;
    work.linear += 2 * tokens * weights;
    work.attention += layers * 2 * tokens * attention * (2 * tokens + terms * rows);
  }
  work.weight_bytes = weights * 4 / static_cast<double>(kernels::per_word(format_of(precision)));
  return work;
}

}  // namespace berta::infer
