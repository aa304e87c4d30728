#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// For each token the probability that a generator put it there: the discriminator of replaced-token
/// detection (DeBERTaV3, section 3).
class ReplacedTokenDetector {
 public:
  /// Throws UserError if the checkpoint has not the head.
  explicit ReplacedTokenDetector(Runtime runtime);

  /// One result an input, in order; an input that fails says so in its result. Any number of inputs: they run
  /// in batches of the runtime's batch_tokens.
  std::vector<ReplacedTokens> run(std::span<const std::string> inputs) const;

 private:
  Runtime runtime_;
};

}  // namespace berta::tasks
