#pragma once

#include <cstdint>
#include <span>

#include "infer/model.h"

namespace berta::infer {

/// What an encoder run takes at least, whoever runs it.
struct Work {
  double linear = 0;        ///< operations of the linear layers, a multiply-add counted as two
  double attention = 0;     ///< operations of scores, both position terms and values
  double weight_bytes = 0;  ///< that are read once
};

/// Work of the encoder on sequences of these lengths, weights in this format (`automatic`: f32). Linear
/// layers, scores, values, and both position terms over the table rows that a length can reach; without
/// heads, norms and softmax.
Work encoder_work(const model::Config& config, std::span<const std::int64_t> lengths, Precision precision);

}  // namespace berta::infer
