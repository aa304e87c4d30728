#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// Labels of tokens, or entities made of them: the token-classification pipeline of transformers 4.57.1.
class TokenClassifier {
 public:
  /// Throws UserError if the checkpoint has not the head.
  explicit TokenClassifier(Runtime runtime);

  /// One result an input, in order; an input that fails says so in its result. Any number of inputs: they run
  /// in batches of the runtime's batch_tokens.
  /// Throws UserError for a stride without aggregation.
  std::vector<Entities> run(std::span<const std::string> inputs, const EntityOptions& options = {}) const;

 private:
  Runtime runtime_;
};

}  // namespace berta::tasks
