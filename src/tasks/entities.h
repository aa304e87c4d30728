#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "berta/types.h"
#include "tokenizer/tokenizer.h"

namespace berta::tasks {

/// A token with the scores of all labels.
struct ScoredToken {
  std::string word;
  std::vector<float> scores;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t index = 0;  ///< in the sequence
  bool is_subword = false;
};

/// What aggregation needs beside the tokens.
struct EntityRules {
  Aggregation aggregation = Aggregation::none;
  std::span<const std::string> labels;
  const tokenizer::Tokenizer& tokenizer;
};

/// Tokens as entities, or joined to entities: TokenClassificationPipeline.aggregate.
std::vector<Entity> aggregate(const std::vector<ScoredToken>& tokens, const EntityRules& rules);

/// Of entities of several windows that overlap, the longer one, then the surer one stays:
/// aggregate_overlapping_entities.
std::vector<Entity> resolve_overlaps(std::vector<Entity> entities);

}  // namespace berta::tasks
