#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// Words for [MASK]: the fill-mask pipeline of transformers 4.57.1, through the Enhanced Mask Decoder where
/// the checkpoint has it.
class MaskFiller {
 public:
  /// Throws UserError if the checkpoint has not the head, or the tokenizer no mask token.
  explicit MaskFiller(Runtime runtime);

  /// One result an input, in order; an input that fails says so in its result. Any number of inputs: they run
  /// in batches of the runtime's batch_tokens.
  /// Throws UserError for a top_k of 0 or a target without any token.
  std::vector<Fillings> run(std::span<const std::string> inputs, const FillOptions& options = {}) const;

 private:
  Runtime runtime_;
};

}  // namespace berta::tasks
