#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// Documents by relevance to a query: CrossEncoder.rank of sentence-transformers 5.1.2.
class Reranker {
 public:
  /// Throws UserError if the checkpoint has not the head, the head more than one label, or config.json names
  /// an activation other than Identity, Sigmoid and Softmax.
  explicit Reranker(Runtime runtime);

  /// One result an input, in order; an input that fails says so in its result. Any number of inputs: they run
  /// in batches of the runtime's batch_tokens.
  std::vector<Ranking> run(std::span<const RerankInput> inputs, const RerankOptions& options = {}) const;

 private:
  Runtime runtime_;
  ScoreFunction default_function_;
};

}  // namespace berta::tasks
