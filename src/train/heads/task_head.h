#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metrics/metric.h"
#include "tokenizer/tokenizer.h"
#include "train/heads/examples.h"
#include "train/heads/predictions.h"
#include "train/settings.h"

namespace berta::train {

/// What is special about a fine-tuning task: its data, its head, its loss and its figures.
class TaskHead {
 public:
  virtual ~TaskHead() = default;

  virtual model::HeadShape heads() const = 0;
  /// Names of the classifier's outputs; one for a score.
  virtual std::vector<std::string> labels() const = 0;
  /// Of `transformers`: "ForSequenceClassification" and the like.
  virtual std::string architecture() const = 0;
  virtual std::string problem_type() const { return ""; }
  /// Task of the hub: "text-classification".
  virtual std::string pipeline_tag() const = 0;

  virtual const std::vector<Example>& train() const = 0;
  virtual const std::vector<Example>& dev() const = 0;

  /// Which rows of the last layer the head reads.
  virtual NeededRows needed_rows() const { return NeededRows::all; }
  /// The head's outputs that loss() and collect() take.
  virtual at::Tensor logits(Forward& forward) const = 0;
  /// Mean over the examples, or over what loss_terms() counts.
  virtual at::Tensor loss(const at::Tensor& logits, Examples examples) const = 0;
  virtual std::size_t loss_terms(Examples examples) const { return examples.size(); }
  /// For SiFT: rows of logits whose softmax is what the task predicts, [rows, classes]. Where rows have not
  /// equally many classes, those that one lacks have kNoRow of row_groups.h.
  virtual at::Tensor distributions(const at::Tensor& logits, Examples) const { return logits; }

  /// Evaluation: forgets, collects the outputs of all dev examples in their order, and says the figures.
  virtual void begin_evaluation() = 0;
  virtual void collect(const at::Tensor& logits, Examples examples) = 0;
  virtual metrics::Metrics figures() const = 0;
  /// Which figure chooses the best model; higher is better.
  virtual std::string main_metric() const = 0;
  /// What the collected outputs say of each dev example; of tasks whose answers are rows of a table.
  virtual bool has_predictions() const { return false; }
  virtual PredictionTable predictions() const { return {}; }
  /// What the user should know about the data's labels; empty: nothing.
  virtual std::string label_note() const { return ""; }
};

/// What a head is made from.
struct TaskInput {
  const FinetuneSettings& settings;
  const tokenizer::Tokenizer& tokenizer;
  const infer::ModelInfo& info;
};

/// Reads and encodes the data. Throws UserError.
std::unique_ptr<TaskHead> make_task_head(const TaskInput& input);

// One a file.
std::unique_ptr<TaskHead> make_text_head(
    const TaskInput& input);  ///< classification, regression, multi_label
std::unique_ptr<TaskHead> make_token_head(const TaskInput& input);
std::unique_ptr<TaskHead> make_answer_head(const TaskInput& input);
std::unique_ptr<TaskHead> make_choice_head(const TaskInput& input);
std::unique_ptr<TaskHead> make_pair_head(const TaskInput& input);  ///< rerank, reward

/// How texts are cut to the task's length.
tokenizer::EncodeOptions encode_options(const FinetuneSettings& settings);
/// One or two texts as a sequence.
infer::Sequence encode_texts(const TaskInput& input, const std::string& text,
                             const std::optional<std::string>& pair);

/// Cross-entropy of each row, 0 where the label is -100, with the smoothing and focus of the settings.
at::Tensor class_losses(const at::Tensor& logits, const at::Tensor& labels, const FinetuneSettings& settings);
/// Their mean over the rows whose label is not -100.
at::Tensor class_loss(const at::Tensor& logits, const at::Tensor& labels, const FinetuneSettings& settings);

/// Indices into the train samples and the dev samples behind them.
struct SampleSplit {
  std::vector<std::size_t> train, dev;
};
/// All of both where there are dev samples, else a split of the former by the settings' fold, or share, and
/// seed; dev is of nothing where there is neither. `classes`: of the train samples, or empty.
SampleSplit split_of(std::size_t train_count, std::size_t dev_count, const FinetuneSettings& settings,
                     std::span<const std::size_t> classes = {});

}  // namespace berta::train
