#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// Labels of texts or pairs: the text-classification pipeline of transformers 4.57.1.
class Classifier {
 public:
  /// Throws UserError if the checkpoint has not the head.
  explicit Classifier(Runtime runtime);

  /// One result an input, in order; an input that fails says so in its result. Any number of inputs: they run
  /// in batches of the runtime's batch_tokens.
  std::vector<Classification> run(std::span<const TextInput> inputs,
                                  const ClassifyOptions& options = {}) const;

 private:
  Runtime runtime_;
};

}  // namespace berta::tasks
