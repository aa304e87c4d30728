#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// One call of a task: inputs become sequences of tokens, these run in batches, and what the model says of
/// them becomes results. The three steps are called from any thread, never twice at once for the same input
/// and part.
class Job {
 public:
  virtual ~Job() = default;
  virtual std::size_t count() const = 0;
  virtual Outcome& outcome(std::size_t input) = 0;

  /// The sequences of an input; none is fine. A UserError becomes the error of its outcome.
  virtual std::vector<infer::Sequence> prepare(std::size_t input) = 0;
  /// The model's output for the sequence `part` of an input.
  virtual void consume(std::size_t input, std::size_t part, const infer::Output& output) = 0;
  /// After all parts, unless one failed. A UserError becomes the error of the outcome.
  virtual void finish(std::size_t /*input*/) {}
};

/// Runs all inputs of a job. Sequences of similar length share a batch of at most the runtime's batch_tokens.
void run_job(const Runtime& runtime, const infer::Request& request, Job& job);

/// A job whose inputs and results are vectors of one length.
template <class Input, class Result>
class VectorJob : public Job {
 public:
  explicit VectorJob(std::span<const Input> inputs) : inputs_(inputs), results_(inputs.size()) {}
  std::size_t count() const final { return inputs_.size(); }
  Outcome& outcome(std::size_t input) final { return results_[input]; }
  std::vector<Result> take_results() { return std::move(results_); }

 protected:
  const Input& input(std::size_t i) const { return inputs_[i]; }
  Result& result(std::size_t i) { return results_[i]; }

 private:
  std::span<const Input> inputs_;
  std::vector<Result> results_;
};

/// What the model sees of an encoding.
infer::Sequence to_sequence(const tokenizer::Encoding& encoding);

/// A text or pair cut as the runtime says; `outcome` notes the cut.
tokenizer::Encoding encode(const Runtime& runtime, const TextInput& input, LengthRule rule, Outcome& outcome);
tokenizer::Encoding encode(const Runtime& runtime, std::string_view text, LengthRule rule, Outcome& outcome);

}  // namespace berta::tasks
