#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// Answers to questions, cut out of contexts of any length: the question-answering pipeline of transformers
/// 4.57.1.
class QuestionAnswerer {
 public:
  /// Throws UserError if the checkpoint has not the head.
  explicit QuestionAnswerer(Runtime runtime);

  /// One result an input, in order; an input that fails says so in its result. Any number of inputs: they run
  /// in batches of the runtime's batch_tokens.
  /// Throws UserError for a top_k or max_answer_length of 0, or a stride that is not below window_length.
  std::vector<Answers> run(std::span<const QuestionInput> inputs, const AnswerOptions& options = {}) const;

 private:
  Runtime runtime_;
};

}  // namespace berta::tasks
