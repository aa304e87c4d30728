#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// Labels that the caller names, by a model of natural language inference: the zero-shot-classification
/// pipeline of transformers 4.57.1.
class ZeroShotClassifier {
 public:
  /// Throws UserError if the checkpoint has not the head.
  explicit ZeroShotClassifier(Runtime runtime);

  /// One result an input, in order; an input that fails says so in its result. Any number of inputs: they run
  /// in batches of the runtime's batch_tokens.
  /// Throws UserError for a hypothesis without {}.
  std::vector<Classification> run(std::span<const ZeroShotInput> inputs,
                                  const ZeroShotOptions& options = {}) const;

 private:
  Runtime runtime_;
  std::size_t entailment_ = 0;
  std::size_t contradiction_ = 0;
};

}  // namespace berta::tasks
