#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/label_map.h"
#include "data/labelled_text.h"
#include "io/json.h"
#include "metrics/classification.h"
#include "metrics/correlation.h"
#include "train/heads/label_choice.h"
#include "train/heads/task_data.h"

namespace berta::train {
namespace {

using data::LabelledText;

data::LabelledTextOptions reading(const FinetuneSettings& settings) {
  data::LabelledTextOptions options;
  options.columns = settings.columns;
  options.label_separator = settings.label_separator;
  options.label_kind = settings.task == Task::regression    ? data::LabelKind::number
                       : settings.task == Task::multi_label ? data::LabelKind::several
                                                            : data::LabelKind::one;
  return options;
}

class TextHead final : public TaskHead {
 public:
  explicit TextHead(const TaskInput& input) : settings_(input.settings) {
    const auto samples = read_samples<LabelledText>(settings_, [&](const std::string& file) {
      return data::read_labelled_texts(file, reading(settings_));
    });
    const auto train = std::span(samples.all).first(samples.train_count);
    choose_labels(train, input.info.labels);
    std::vector<std::size_t> classes;
    if (settings_.task == Task::classification) {
      for (const LabelledText& sample : train) classes.push_back(class_of(sample.label));
    }
    SampleSplit split = split_of(samples.train_count, samples.dev_count(), settings_, classes);
    keep_first(split.train, settings_);
    const auto add = [&](std::size_t i, std::vector<Example>& examples) {
      examples.push_back(encode(samples.all[i], input));
    };
    train_ = encode_samples(samples, split.train, add);
    dev_ = encode_samples(samples, split.dev, add);
    first_row_ = samples.dev_count() > 0 ? samples.train_count : 0;
  }

  model::HeadShape heads() const override { return {.pooler = true, .classifier = true}; }
  std::vector<std::string> labels() const override { return labels_; }
  std::string architecture() const override { return "ForSequenceClassification"; }
  std::string problem_type() const override {
    return settings_.task == Task::regression    ? "regression"
           : settings_.task == Task::multi_label ? "multi_label_classification"
                                                 : "single_label_classification";
  }
  std::string pipeline_tag() const override { return "text-classification"; }
  const std::vector<Example>& train() const override { return train_; }
  const std::vector<Example>& dev() const override { return dev_; }

  NeededRows needed_rows() const override { return NeededRows::first; }
  at::Tensor logits(Forward& forward) const override { return forward.sequence_logits(); }

  at::Tensor loss(const at::Tensor& logits, Examples examples) const override {
    if (!settings_.columns.weight.empty()) return weighted_loss(logits, examples);
    if (settings_.task == Task::classification)
      return class_loss(logits, class_tensor(examples, logits), settings_);
    if (settings_.task == Task::regression)
      return at::mse_loss(logits.squeeze(1), value_tensor(examples, logits));
    return at::binary_cross_entropy_with_logits(logits, flags_of(examples, logits));
  }

  /// Of several labels each is a distribution of its own: sigmoid(z) is softmax(z, 0).
  at::Tensor distributions(const at::Tensor& logits, Examples) const override {
    if (settings_.task != Task::multi_label) return logits;
    const at::Tensor held = logits.reshape({-1, 1});
    return at::cat({held, at::zeros_like(held)}, 1);
  }

  void begin_evaluation() override { outputs_.clear(); }

  void collect(const at::Tensor& logits, Examples) override {
    const std::vector<float> numbers = numbers_of(logits);
    outputs_.insert(outputs_.end(), numbers.begin(), numbers.end());
  }

  metrics::Metrics figures() const override {
    if (settings_.task == Task::regression) {
      std::vector<double> expected, predicted(outputs_.begin(), outputs_.end());
      for (const Example& example : dev_) expected.push_back(example.value);
      return metrics::regression_metrics(expected, predicted);
    }
    return settings_.task == Task::multi_label ? label_set_figures() : class_figures();
  }

  std::string main_metric() const override {
    return settings_.task == Task::regression    ? "combined_score"
           : settings_.task == Task::multi_label ? "f1_micro"
                                                 : "accuracy";
  }

  bool has_predictions() const override { return true; }
  PredictionTable predictions() const override {
    PredictionTable table;
    if (settings_.task != Task::regression) table.columns = labels_;
    const std::size_t columns = labels_.size();
    for (std::size_t i = 0; i < dev_.size(); ++i)
      table.rows.push_back(predicted(dev_[i], std::span(outputs_).subspan(i * columns, columns)));
    return table;
  }

  std::string label_note() const override { return label_note_; }

 private:
  void choose_labels(std::span<const LabelledText> train, const std::vector<std::string>& model_names) {
    if (settings_.task == Task::regression) {
      labels_ = {"LABEL_0"};
      return;
    }
    const data::LabelMap data = data::label_map_of(train);
    LabelChoice choice = choose_label_names(data.names(), settings_.labels, model_names);
    by_number_ = choice.by_number;
    label_note_ = std::move(choice.note);
    labels_ = choice.names;
    map_.emplace(std::move(choice.names));
  }

  std::size_t class_of(const std::string& label) const {
    if (by_number_) {
      if (const auto number = label_number(label, labels_.size())) return *number;
    }
    return map_->id(label);
  }

  /// Each example's loss counts by its weight.
  at::Tensor weighted_loss(const at::Tensor& logits, Examples examples) const {
    std::vector<double> numbers;
    for (const Example* example : examples) numbers.push_back(example->weight);
    const at::Tensor weights = at::tensor(numbers, at::kDouble).to(logits.options());
    at::Tensor each;
    if (settings_.task == Task::classification) {
      each = class_losses(logits, class_tensor(examples, logits), settings_);
    } else if (settings_.task == Task::regression) {
      each = (logits.squeeze(1) - value_tensor(examples, logits)).square();
    } else {
      each = at::binary_cross_entropy_with_logits(logits, flags_of(examples, logits), {}, {},
                                                  at::Reduction::None)
                 .mean(1);
    }
    // A batch without any weight has no gradient.
    const double sum = std::accumulate(numbers.begin(), numbers.end(), 0.0);
    return (weights * each).sum() / (sum > 0 ? sum : 1);
  }

  Prediction predicted(const Example& example, std::span<const float> outputs) const {
    Prediction one{.row = example.source - first_row_, .label = {}, .prediction = {}, .values = {}};
    if (settings_.task == Task::regression) {
      io::append_json_number(one.label, example.value);
      io::append_json_number(one.prediction, outputs.front());
    } else if (settings_.task == Task::multi_label) {
      const auto add = [&](std::string& list, std::size_t label) {
        list += (list.empty() ? "" : settings_.label_separator) + labels_[label];
      };
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (example.flags[i] > 0) add(one.label, i);
        if (outputs[i] > 0) add(one.prediction, i);
        one.values.push_back(1 / (1 + std::exp(-static_cast<double>(outputs[i]))));
      }
    } else {
      const auto highest = std::max_element(outputs.begin(), outputs.end());
      one.label = labels_[static_cast<std::size_t>(example.label)];
      one.prediction = labels_[static_cast<std::size_t>(highest - outputs.begin())];
      double sum = 0;
      for (const float logit : outputs) sum += one.values.emplace_back(std::exp(double{logit} - *highest));
      for (double& value : one.values) value /= sum;
    }
    return one;
  }

  Example encode(const LabelledText& sample, const TaskInput& input) const {
    Example example;
    example.sequences.push_back(encode_texts(input, sample.text, sample.text_pair));
    example.value = sample.value;
    example.weight = sample.weight;
    if (settings_.task == Task::classification)
      example.label = static_cast<std::int64_t>(class_of(sample.label));
    if (settings_.task == Task::multi_label) {
      example.flags.resize(labels_.size());
      for (const std::string& label : sample.labels) example.flags[class_of(label)] = 1;
    }
    return example;
  }

  at::Tensor flags_of(Examples examples, const at::Tensor& like) const {
    std::vector<float> flags;
    for (const Example* example : examples)
      flags.insert(flags.end(), example->flags.begin(), example->flags.end());
    return at::tensor(flags, at::kFloat).view(like.sizes()).to(like.options());
  }

  metrics::Metrics class_figures() const {
    std::vector<std::size_t> expected, predicted;
    const auto columns = static_cast<std::ptrdiff_t>(labels_.size());
    for (std::size_t i = 0; i < dev_.size(); ++i) {
      const auto row = outputs_.begin() + static_cast<std::ptrdiff_t>(i) * columns;
      expected.push_back(static_cast<std::size_t>(dev_[i].label));
      predicted.push_back(static_cast<std::size_t>(std::max_element(row, row + columns) - row));
    }
    return metrics::classification_metrics(expected, predicted, labels_.size());
  }

  metrics::Metrics label_set_figures() const {
    std::vector<std::uint8_t> expected, predicted;
    for (const Example& example : dev_) {
      for (const float flag : example.flags) expected.push_back(flag > 0);
    }
    for (const float logit : outputs_) predicted.push_back(logit > 0);  // a sigmoid above one half
    return metrics::multi_label_metrics({expected, labels_.size()}, {predicted, labels_.size()});
  }

  const FinetuneSettings& settings_;
  std::optional<data::LabelMap> map_;
  std::vector<std::string> labels_;
  std::vector<Example> train_, dev_;
  bool by_number_ = false;  // the data's labels are the numbers of the names
  std::string label_note_;
  std::size_t first_row_ = 0;  // of the dev file, among all samples
  std::vector<float> outputs_;
};

}  // namespace

std::unique_ptr<TaskHead> make_text_head(const TaskInput& input) {
  return std::make_unique<TextHead>(input);
}

}  // namespace berta::train
