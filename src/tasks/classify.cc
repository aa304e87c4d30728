#include "tasks/classify.h"

#include "tasks/job.h"
#include "tasks/scores.h"

namespace berta::tasks {
namespace {

ScoreFunction resolve(ScoreFunction function, const infer::ModelInfo& info) {
  if (function != ScoreFunction::automatic) return function;
  if (info.problem_type == "regression") return ScoreFunction::none;
  const bool alone = info.problem_type == "multi_label_classification" || info.labels.size() == 1;
  return alone ? ScoreFunction::sigmoid : ScoreFunction::softmax;
}

class ClassifyJob final : public VectorJob<TextInput, Classification> {
 public:
  ClassifyJob(const Runtime& runtime, std::span<const TextInput> inputs, const ClassifyOptions& options)
      : VectorJob(inputs),
        runtime_(runtime),
        function_(resolve(options.function, runtime.model().info())),
        top_k_(options.top_k) {}

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    return {to_sequence(encode(runtime_, input(i), LengthRule::generous, result(i)))};
  }

  void consume(std::size_t i, std::size_t /*part*/, const infer::Output& output) override {
    const std::vector<float> scores = apply(function_, output.logits.row(0));
    const auto& labels = runtime_.model().info().labels;
    for (const std::size_t id : largest(scores, top_k_)) result(i).labels.push_back({labels[id], scores[id]});
  }

 private:
  const Runtime& runtime_;
  ScoreFunction function_;
  std::size_t top_k_;
};

}  // namespace

Classifier::Classifier(Runtime runtime) : runtime_(std::move(runtime)) {
  runtime_.model().resolve(infer::Head::classification);
}

std::vector<Classification> Classifier::run(std::span<const TextInput> inputs,
                                            const ClassifyOptions& options) const {
  ClassifyJob job(runtime_, inputs, options);
  run_job(runtime_, {.head = infer::Head::classification}, job);
  return job.take_results();
}

}  // namespace berta::tasks
