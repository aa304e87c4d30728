#pragma once

#include <cstdint>

#include "infer/model.h"

namespace berta::cli {

/// Ids spread over the vocabulary, the same for the same arguments on every machine.
inline infer::Sequence sample_sequence(const model::Config& config, std::int64_t length, std::int64_t seed) {
  infer::Sequence sequence;
  std::uint64_t state = static_cast<std::uint64_t>(seed);
  for (std::int64_t i = 0; i < length; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator
    sequence.ids.push_back(
        static_cast<std::int32_t>((state >> 33) % static_cast<std::uint64_t>(config.embeddings.vocabulary)));
  }
  return sequence;
}

}  // namespace berta::cli
