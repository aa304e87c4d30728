#pragma once

#include <cstdint>

#include "train/model/train_model.h"

namespace berta::train {

/// Bytes that one model's training takes, from its shapes alone.
struct MemoryEstimate {
  double weights = 0;
  double gradients = 0;
  double moments = 0;      ///< of Adam
  double averaged = 0;     ///< of averaged weights
  double activations = 0;  ///< of the largest batch, what the backward pass reads, and its widest layer's own
};

/// What decides beside the model's shapes.
struct MemoryShape {
  std::int64_t rows = 0;             ///< tokens of the largest batch
  std::int64_t longest = 0;          ///< sequence
  std::int64_t reach = 0;            ///< its positions, where tokens were dropped; it decides how much of the
                                     ///< relative table is read
  std::int64_t last_layer_rows = 0;  ///< of these, those that the head reads
  bool bf16 = false;
  bool checkpointing = false;
  bool averaged = false;
  bool table_by_rows = false;  ///< the word embedding's gradient holds the rows that were read only
};

MemoryEstimate estimate_memory(const TrainModel& model, const MemoryShape& shape);

/// Resident memory of this process now, and what the machine could still give; 0 where the system is silent.
double resident_memory();
double available_memory();

}  // namespace berta::train
