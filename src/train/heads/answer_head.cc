#include <algorithm>
#include <limits>

#include "core/utf8.h"
#include "data/squad.h"
#include "metrics/squad.h"
#include "train/heads/answer_window.h"
#include "train/heads/task_data.h"
#include "train/ops/row_groups.h"

namespace berta::train {
namespace {

using data::SquadQuestion;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

tokenizer::WindowOptions window_options(const FinetuneSettings& settings) {
  tokenizer::WindowOptions options;
  if (settings.max_length > 0) options.max_length = static_cast<std::size_t>(settings.max_length);
  options.stride = static_cast<std::size_t>(settings.stride);
  return options;
}

/// Extractive question answering. An example is a window over a question's context; its answer is the first
/// one of the file, and [CLS] where the window does not hold it. Evaluation puts the windows of a question
/// together.
class AnswerHead final : public TaskHead {
 public:
  explicit AnswerHead(const TaskInput& input) : settings_(input.settings) {
    auto samples = read_samples<SquadQuestion>(settings_, [&](const std::string& file) {
      data::SquadData data = data::read_squad(file);
      for (SquadQuestion& question : data.questions) question.context += contexts_.size();
      std::move(data.contexts.begin(), data.contexts.end(), std::back_inserter(contexts_));
      return std::move(data.questions);
    });
    SampleSplit split = split_questions(samples);
    keep_first(split.train, settings_);
    train_ = encode_samples(samples, split.train, [&](std::size_t i, std::vector<Example>& examples) {
      add_windows(samples.all[i], input, examples);
    });
    std::vector<std::vector<AnswerWindow>> windows(samples.all.size());
    dev_ = encode_samples(samples, split.dev, [&](std::size_t i, std::vector<Example>& examples) {
      windows[i] = add_windows(samples.all[i], input, examples);
    });
    for (const std::size_t i : split.dev) {
      has_impossible_ = has_impossible_ || samples.all[i].impossible;
      for (AnswerWindow& window : windows[i]) windows_.push_back({std::move(window), questions_.size()});
      questions_.push_back(std::move(samples.all[i]));
    }
  }

  model::HeadShape heads() const override { return {.answer = true}; }
  std::vector<std::string> labels() const override { return {"LABEL_0", "LABEL_1"}; }  // start, end
  std::string architecture() const override { return "ForQuestionAnswering"; }
  std::string pipeline_tag() const override { return "question-answering"; }
  const std::vector<Example>& train() const override { return train_; }
  const std::vector<Example>& dev() const override { return dev_; }

  at::Tensor logits(Forward& forward) const override { return forward.answer_logits(); }

  /// The mean of the losses of start and end.
  at::Tensor loss(const at::Tensor& logits, Examples examples) const override {
    std::vector<std::int64_t> labels;
    for (const Example* example : examples) {
      labels.push_back(example->answer_start);
      labels.push_back(example->answer_end);
    }
    return group_loss(distributions(logits, examples), at::tensor(labels, at::kLong).to(logits.device()),
                      settings_);
  }

  /// Two a window: of its start and of its end, over the tokens of the window alone.
  at::Tensor distributions(const at::Tensor& logits, Examples examples) const override {
    return group_rows(logits, token_counts(examples));
  }

  void begin_evaluation() override {
    best_.assign(questions_.size(), {});
    collected_ = 0;
  }

  void collect(const at::Tensor& logits, Examples examples) override {
    const std::vector<float> numbers = numbers_of(logits);
    std::span<const float> rest(numbers);
    for (const std::int64_t length : token_counts(examples)) {
      check_internal(collected_ < windows_.size(), "more outputs than dev examples");
      const auto& [window, question] = windows_[collected_++];
      const auto rows = rest.first(2 * static_cast<std::size_t>(length));
      rest = rest.subspan(rows.size());
      Best& best = best_[question];
      best.null_score = std::min(best.null_score, static_cast<double>(rows[0]) + rows[1]);
      const std::optional<ScoredSpan> span = best_span(window, rows);
      if (!span || (best.answer && span->score <= best.score)) continue;
      best.score = span->score;
      best.answer = {window.offsets[span->span.first].begin, window.offsets[span->span.last].end};
    }
  }

  metrics::Metrics figures() const override {
    check_internal(collected_ == windows_.size(), "not one output a dev example");
    std::vector<metrics::AnsweredQuestion> answered;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      metrics::AnsweredQuestion& question = answered.emplace_back();
      for (const data::SquadAnswer& answer : questions_[i].answers) question.answers.push_back(answer.text);
      question.predicted = predicted_text(questions_[i], best_[i]);
      // The difference of logits, not a probability: run_qa's null_score_diff_threshold is compared with it,
      // and best_exact_thresh is then a value for that. At 0 the likelier of both is the prediction.
      question.no_answer = best_[i].answer ? best_[i].null_score - best_[i].score : kInfinity;
    }
    return has_impossible_ ? metrics::squad_v2_metrics(answered, 0) : metrics::squad_v1_metrics(answered);
  }
  std::string main_metric() const override { return "f1"; }

 private:
  /// What the windows of a question say so far.
  struct Best {
    double null_score = kInfinity;  ///< of the window that is least for "no answer": an answer is in one only
    double score = 0;
    std::optional<tokenizer::Offset> answer;
  };
  struct DevWindow {
    AnswerWindow window;
    std::size_t question;
  };

  /// Contexts are split, not questions: else dev would ask about contexts that were trained on.
  SampleSplit split_questions(const TaskSamples<SquadQuestion>& samples) const {
    if (samples.dev_count() > 0 || (settings_.dev_share == 0 && settings_.folds == 0))
      return split_of(samples.train_count, samples.dev_count(), settings_);
    const SampleSplit contexts = split_of(contexts_.size(), 0, settings_);
    SampleSplit split;
    for (std::size_t i = 0; i < samples.all.size(); ++i) {
      const bool is_dev = std::ranges::binary_search(contexts.dev, samples.all[i].context);
      (is_dev ? split.dev : split.train).push_back(i);
    }
    return split;
  }

  std::vector<AnswerWindow> add_windows(const SquadQuestion& question, const TaskInput& input,
                                        std::vector<Example>& examples) const {
    std::vector<AnswerWindow> windows;
    for (tokenizer::Encoding& encoding : input.tokenizer.encode_windows(
             question.question, contexts_[question.context], window_options(input.settings))) {
      windows.push_back(answer_window(encoding));
      Example& example = examples.emplace_back();
      example.sequences.push_back(to_sequence(std::move(encoding)));
      if (question.answers.empty()) continue;
      const data::SquadAnswer& answer = question.answers.front();
      const tokenizer::Offset range{
          static_cast<std::uint32_t>(answer.begin),
          static_cast<std::uint32_t>(answer.begin + decode_utf8(answer.text).size())};
      if (const auto span = find_answer(windows.back(), range)) {
        example.answer_start = static_cast<std::int64_t>(span->first);
        example.answer_end = static_cast<std::int64_t>(span->last);
      }
    }
    return windows;
  }

  std::string predicted_text(const SquadQuestion& question, const Best& best) const {
    if (!best.answer) return "";
    const std::u32string context = decode_utf8(contexts_[question.context]);
    return encode_utf8(
        std::u32string_view(context).substr(best.answer->begin, best.answer->end - best.answer->begin));
  }

  const FinetuneSettings& settings_;
  std::vector<std::string> contexts_;
  std::vector<Example> train_, dev_;
  std::vector<DevWindow> windows_;        // of dev_
  std::vector<SquadQuestion> questions_;  // of the dev data
  bool has_impossible_ = false;
  std::vector<Best> best_;  // of questions_
  std::size_t collected_ = 0;
};

}  // namespace

std::unique_ptr<TaskHead> make_answer_head(const TaskInput& input) {
  return std::make_unique<AnswerHead>(input);
}

}  // namespace berta::train
