#include <algorithm>

#include "data/multiple_choice.h"
#include "metrics/classification.h"
#include "train/heads/task_data.h"
#include "train/ops/row_groups.h"

namespace berta::train {
namespace {

using data::MultipleChoice;

/// Multiple choice: one score a choice, softmax over the choices of a question, of which each may have
/// another number.
class ChoiceHead final : public TaskHead {
 public:
  explicit ChoiceHead(const TaskInput& input) : settings_(input.settings) {
    const auto samples = read_samples<MultipleChoice>(
        settings_, [](const std::string& file) { return data::read_multiple_choice(file); });
    SampleSplit split = split_of(samples.train_count, samples.dev_count(), settings_);
    keep_first(split.train, settings_);
    const auto add = [&](std::size_t i, std::vector<Example>& examples) {
      examples.push_back(encode(samples.all[i], input));
    };
    train_ = encode_samples(samples, split.train, add);
    dev_ = encode_samples(samples, split.dev, add);
  }

  model::HeadShape heads() const override { return {.pooler = true, .classifier = true}; }
  std::vector<std::string> labels() const override { return {"LABEL_0"}; }
  std::string architecture() const override { return "ForMultipleChoice"; }
  std::string pipeline_tag() const override { return "multiple-choice"; }
  const std::vector<Example>& train() const override { return train_; }
  const std::vector<Example>& dev() const override { return dev_; }

  NeededRows needed_rows() const override { return NeededRows::first; }
  at::Tensor logits(Forward& forward) const override { return forward.sequence_logits(); }

  at::Tensor loss(const at::Tensor& logits, Examples examples) const override {
    return group_loss(distributions(logits, examples), class_tensor(examples, logits), settings_);
  }

  /// Over the choices of each question.
  at::Tensor distributions(const at::Tensor& logits, Examples examples) const override {
    return group_rows(logits, sequence_counts(examples));
  }

  void begin_evaluation() override { predicted_.clear(); }

  void collect(const at::Tensor& logits, Examples examples) override {
    const std::vector<float> scores = numbers_of(logits);
    auto begin = scores.begin();
    for (const std::int64_t count : sequence_counts(examples)) {
      predicted_.push_back(static_cast<std::size_t>(std::max_element(begin, begin + count) - begin));
      begin += count;
    }
  }

  metrics::Metrics figures() const override {
    std::vector<std::size_t> expected;
    for (const Example& example : dev_) expected.push_back(static_cast<std::size_t>(example.label));
    return {{.name = "accuracy", .value = metrics::accuracy(expected, predicted_)}};
  }
  std::string main_metric() const override { return "accuracy"; }

 private:
  /// (context, question + choice), as for SWAG and RACE; without a context the question takes its place.
  static Example encode(const MultipleChoice& sample, const TaskInput& input) {
    Example example;
    for (const std::string& choice : sample.choices) {
      const bool both = !sample.context.empty() && !sample.question.empty();
      example.sequences.push_back(encode_texts(input,
                                               sample.context.empty() ? sample.question : sample.context,
                                               both ? sample.question + " " + choice : choice));
    }
    example.label = static_cast<std::int64_t>(sample.label);
    return example;
  }

  const FinetuneSettings& settings_;
  std::vector<Example> train_, dev_;
  std::vector<std::size_t> predicted_;
};

}  // namespace

std::unique_ptr<TaskHead> make_choice_head(const TaskInput& input) {
  return std::make_unique<ChoiceHead>(input);
}

}  // namespace berta::train
