#include "tasks/encode_states.h"

#include "tasks/job.h"

namespace berta::tasks {
namespace {

class StatesJob final : public VectorJob<TextInput, HiddenStates> {
 public:
  StatesJob(const Runtime& runtime, std::span<const TextInput> inputs)
      : VectorJob(inputs), runtime_(runtime) {}

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    return {to_sequence(encode(runtime_, input(i), LengthRule::generous, result(i)))};
  }

  void consume(std::size_t i, std::size_t /*part*/, const infer::Output& output) override {
    const infer::Matrix& states = output.last_hidden_state;
    result(i).tokens = static_cast<std::size_t>(states.rows);
    result(i).width = static_cast<std::size_t>(states.columns);
    result(i).values = states.data;
  }

 private:
  const Runtime& runtime_;
};

}  // namespace

std::vector<HiddenStates> encode_states(const Runtime& runtime, std::span<const TextInput> inputs) {
  StatesJob job(runtime, inputs);
  run_job(runtime, {.head = infer::Head::none, .last_hidden_state = true}, job);
  return job.take_results();
}

}  // namespace berta::tasks
