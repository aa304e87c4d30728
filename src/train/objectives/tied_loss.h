#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "train/torch.h"

namespace berta::train {

/// Cross-entropy of a language model whose output table is its word embedding.
struct TiedLossInput {
  at::Tensor features;  ///< [masked, E]
  at::Tensor table;     ///< [vocabulary, E]
  at::Tensor bias;      ///< [vocabulary]
  at::Tensor labels;    ///< [masked], int64
  bool bf16 = false;
  std::int64_t first = 0;  ///< number of the first row, for what is drawn
};

/// What is found on the way, without gradient.
struct TiedLossFacts {
  std::int64_t correct = 0;         ///< rows whose likeliest token is the label
  std::vector<std::int32_t> drawn;  ///< one token a row from the softmax, where there is a seed
};

/// Mean over the rows, a scalar. Loss and gradients are made together for a few rows at a time, so no matrix
/// of [masked, vocabulary] is ever there. `seed`: draws tokens, as a function of it and of the row alone.
at::Tensor tied_loss(const TiedLossInput& in, std::optional<std::uint64_t> seed, TiedLossFacts& facts);

}  // namespace berta::train
