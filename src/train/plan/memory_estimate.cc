#include "train/plan/memory_estimate.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "kernels/attention_training.h"

namespace berta::train {
namespace {

constexpr double kFloat = 4, kNarrow = 2;  // bytes

/// What a layer keeps of each row that it computes, beside keys and values.
double kept_by_layer(const model::Config& config, bool bf16) {
  const auto hidden = static_cast<double>(config.hidden_size),
             inner = static_cast<double>(config.intermediate_size);
  const auto attention = static_cast<double>(config.attention_size());
  const auto log_sums = static_cast<double>(config.heads);
  // Query, what attention gives, the sums under both norms.
  const double wide = kFloat * (2 * attention + 2 * hidden + log_sums);
  // What the products read: attention's output (in f32 the same tensor), both norms' output, the
  // activation's; and what the activation reads.
  return wide + (bf16 ? kNarrow * (attention + 2 * hidden + 2 * inner) : kFloat * (2 * hidden + 2 * inner));
}

/// Scores that a layer keeps of each row, at most: only short sequences do, and if the longest is not one,
/// some other rows may be theirs.
double kept_scores(const model::Config& config, const MemoryShape& shape) {
  const auto keys = static_cast<std::int64_t>(kernels::kKeptKeys);
  const bool all = shape.longest <= keys;
  const double part = all ? 1 : 1 - static_cast<double>(shape.longest) / static_cast<double>(shape.rows);
  return kFloat * static_cast<double>(config.heads * std::min(shape.longest, keys)) * std::max(part, 0.0);
}

double kept_keys(const model::Config& config) {
  return kFloat * 2 * static_cast<double>(config.attention_size());
}

/// Gradients that live at once where a layer goes back: around the activation, and of query, key and value.
double backward_of_layer(const model::Config& config) {
  return kFloat *
         (2 * static_cast<double>(config.intermediate_size) + 4 * static_cast<double>(config.hidden_size));
}

/// Projections of the relative table's rows that a batch reaches, of each layer, and their gradients of one.
double positions_of(const model::Config& config, std::int64_t reach) {
  const model::RelativeAttention& relative = config.relative;
  if (!relative.enabled()) return 0;
  const std::int64_t rows = 2 * std::min(relative.span(), reach);
  const double table = kFloat * static_cast<double>(rows * config.attention_size());
  const double terms = (relative.content_to_position ? 1 : 0) + (relative.position_to_content ? 1 : 0);
  return table * terms * static_cast<double>(config.layers + 1);
}

/// What plain attention keeps of a layer with so many query rows beside what the fused one keeps:
/// probabilities, dropout's multipliers and their product of each head, and the table's rows twice, as 64
/// bits, of all.
double scores_of_layer(const model::Config& config, double rows, const MemoryShape& shape) {
  return rows * static_cast<double>(shape.longest) * (kFloat * 3 * static_cast<double>(config.heads) + 16);
}

double scores_of(const model::Config& config, const MemoryShape& shape) {
  const double whole = scores_of_layer(config, static_cast<double>(shape.rows), shape);
  const double last = scores_of_layer(config, static_cast<double>(shape.last_layer_rows), shape);
  return shape.checkpointing ? whole : static_cast<double>(config.layers - 1) * whole + last;
}

double activations_of(const model::Config& config, const MemoryShape& shape) {
  const auto rows = static_cast<double>(shape.rows), last = static_cast<double>(shape.last_layer_rows);
  const auto layers = static_cast<double>(config.layers);
  const double embedding = rows * kFloat * 3 * static_cast<double>(config.hidden_size);
  const double own = kept_by_layer(config, shape.bf16) + kept_scores(config, shape);
  const double whole = rows * (own + kept_keys(config));
  const double behind =
      rows * backward_of_layer(config) + positions_of(config, std::max(shape.longest, shape.reach));
  if (shape.checkpointing)
    return embedding + behind + whole + layers * rows * kFloat * static_cast<double>(config.hidden_size);
  return embedding + behind + (layers - 1) * whole + rows * kept_keys(config) + last * own;
}

double numbers_in(const std::vector<TrainParameter>& parameters) {
  double count = 0;
  for (const TrainParameter& one : parameters) count += static_cast<double>(one.tensor.numel());
  return count;
}

/// The number behind a name at the beginning of a line; 0 where there is none.
double kilobytes_of(const char* path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) return std::stod(line.substr(name.size()));
  }
  return 0;
}

}  // namespace

MemoryEstimate estimate_memory(const TrainModel& model, const MemoryShape& shape) {
  const model::Config& config = model.info.config;
  const double trained = numbers_in(model.parameters);
  double by_rows = 0;
  if (shape.table_by_rows && !model.plain) {
    const at::Tensor& table = model.weights.encoder.embeddings.word;
    for (const TrainParameter& one : model.parameters) {
      if (!one.tensor.is_same(table)) continue;
      const auto columns = static_cast<double>(table.size(1));
      by_rows = static_cast<double>(table.numel()) - static_cast<double>(shape.rows) * columns;
    }
  }
  MemoryEstimate estimate{.weights = kFloat * (trained + numbers_in(model.frozen)),
                          .gradients = kFloat * (trained - by_rows),
                          .moments = 2 * kFloat * trained,
                          .averaged = shape.averaged ? kFloat * trained : 0,
                          .activations = activations_of(config, shape)};
  if (model.plain) estimate.activations += scores_of(config, shape);
  // bfloat16 copies of the layers' matrices live as long as the forward pass.
  const auto hidden = static_cast<double>(config.hidden_size),
             inner = static_cast<double>(config.intermediate_size);
  if (shape.bf16)
    estimate.activations +=
        kNarrow * static_cast<double>(config.layers) * (4 * hidden * hidden + 2 * hidden * inner);
  return estimate;
}

double resident_memory() {
  return kilobytes_of("/proc/self/status", "VmRSS:") * 1024;
}

double available_memory() {
  return kilobytes_of("/proc/meminfo", "MemAvailable:") * 1024;
}

}  // namespace berta::train
