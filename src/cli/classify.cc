#include "tasks/classify.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/task_command.h"

namespace berta::cli {
namespace {

enum class Format : std::uint8_t { automatic, json, table };

/// Counts predictions that equal a record's label.
class Accuracy {
 public:
  Accuracy(std::string column, std::vector<std::string> labels)
      : column_(std::move(column)), labels_(std::move(labels)) {}

  /// The label that the record names, by name or number. Throws UserError.
  std::string label_of(const Record& record) const {
    const io::Json* found = record.json.find(column_);
    const std::string what = record.where + ": key '" + column_ + "'";
    if (found == nullptr) throw UserError(what + ": expected a label, found none");
    std::string given =
        found->is_integer() ? std::to_string(found->as_integer(what)) : found->as_string(what);
    if (std::find(labels_.begin(), labels_.end(), given) != labels_.end()) return given;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (std::to_string(i) == given) return labels_[i];
    }
    throw UserError(what + ": expected a label of the model, found '" + given + "'");
  }

  void add(bool right) {
    ++count_;
    if (right) ++right_;
  }

  std::string text() const {
    const double percent = count_ == 0 ? 0 : 100 * static_cast<double>(right_) / static_cast<double>(count_);
    return fmt::format("accuracy {}/{} ({:.1f}%)", right_, count_, percent);
  }

 private:
  std::string column_;
  std::vector<std::string> labels_;
  std::uint64_t count_ = 0;
  std::uint64_t right_ = 0;
};

class Classify final : public TaskCommand {
 public:
  CommandText text() const override {
    return {
        .name = "classify",
        .summary = "labels of texts or pairs of texts",
        .operands = "MODEL [TEXT...]",
        .details =
            "Input lines: texts, {\"text\", \"text_pair\"?}, or a table with these columns. Output: the best "
            "label of\n"
            "each as [{\"label\", \"score\"}], like transformers' text-classification pipeline; {\"id\", "
            "\"output\"} for\n"
            "a line that has an id. With --label-column the right ones are counted: the last line is "
            "\"accuracy\n"
            "RIGHT/ALL (PERCENT)\", on standard output below a table, else on standard error.",
        .example =
            "  berta classify models/sentiment \"What a charming, well-acted movie!\"\n"
            "  [{\"label\": \"positive\", \"score\": 0.99270034}]",
    };
  }

 protected:
  void add_task_options(std::vector<Option>& options) override {
    using enum ScoreFunction;
    options.push_back(
        make_integer({"--top-k", "N", "labels of a text, best first; 0: all"}, top_k_, {0, 1 << 20}));
    options.push_back(make_choice<ScoreFunction>(
        "--function",
        "scores from logits; auto: none for regression, sigmoid for several labels at once or one, else "
        "softmax",
        options_.function,
        {{"auto", automatic}, {"softmax", softmax}, {"sigmoid", sigmoid}, {"none", none}}));
    options.push_back(make_text({"--text-pair", "TEXT", "second text of each TEXT"}, text_pair_));
    options.push_back(make_text({"--text-column", "NAME", "column or key of the text"}, text_column_));
    options.push_back(make_text({"--pair-column", "NAME", "column or key of the second text"}, pair_column_));
    options.push_back(
        make_text({"--label-column", "NAME", "column or key of the right label, to count"}, label_column_));
    options.push_back(
        make_choice<Format>("--format", "auto: a table on a terminal, else JSON lines", format_,
                            {{"auto", Format::automatic}, {"json", Format::json}, {"table", Format::table}}));
  }

  std::string main_field() const override { return text_column_; }

  std::vector<Record> operand_records(const std::vector<std::string>& texts) const override {
    auto records = make_argument_records(text_column_, texts);
    if (text_pair_.empty()) return records;
    for (Record& record : records) {
      auto object = record.json.as_object(record.where);
      object.emplace_back(pair_column_, io::Json(text_pair_));
      record.json = io::Json(std::move(object));
    }
    return records;
  }

  Process make_process(const tasks::Runtime& runtime, const Output& output) override {
    table_ = format_ == Format::table || (format_ == Format::automatic && output.is_terminal());
    options_.top_k = static_cast<std::size_t>(top_k_);
    const auto labels = runtime.model().info().labels;
    for (const std::string& label : labels) width_ = std::max(width_, label.size());
    if (!label_column_.empty()) accuracy_.emplace(label_column_, labels);
    return make_task_process<TextInput, Classification>({
        .read = [this](const Record& record) { return read(record); },
        .run = [task = tasks::Classifier(runtime),
                options = options_](std::span<const TextInput> inputs) { return task.run(inputs, options); },
        .write = [this](const Record& record, const Classification& result) { return write(record, result); },
    });
  }

  void finish(Output& output, Console& console) override {
    if (!accuracy_) return;
    if (table_) {
      output.write(accuracy_->text() + "\n");
    } else {
      console.say(accuracy_->text());
    }
  }

 private:
  TextInput read(const Record& record) const {
    if (accuracy_) accuracy_->label_of(record);  // refused here, before anything runs
    return {.text = record.text(text_column_), .text_pair = record.find_text(pair_column_)};
  }

  std::string write(const Record& record, const Classification& result) {
    const bool wrong = accuracy_ && accuracy_->label_of(record) != result.labels.front().label;
    if (accuracy_) accuracy_->add(!wrong);
    if (table_) return table_rows(record, result, wrong);
    return with_id(record, [&](JsonWriter& json) {
      json.begin_array();
      for (const LabelScore& label : result.labels) {
        json.begin_object().member("label", label.label).member("score", label.score).end_object();
      }
      json.end_array();
    });
  }

  /// "positive  0.9923  text", with the right label behind it where that is another one.
  std::string table_rows(const Record& record, const Classification& result, bool wrong) const {
    std::string rows;
    for (const LabelScore& label : result.labels) {
      const bool first = &label == &result.labels.front();
      rows += fmt::format("{}{:<{}}  {:.4f}", first ? "" : "\n", label.label, width_, label.score);
      if (!first) continue;
      rows += "  " + one_line(record.text(text_column_));
      if (const auto pair = record.find_text(pair_column_)) rows += "  |  " + one_line(*pair);
      if (wrong) rows += fmt::format("  (labelled {})", accuracy_->label_of(record));
    }
    return rows;
  }

  static std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }, ' ');
    return text;
  }

  ClassifyOptions options_;
  std::int64_t top_k_ = 1;
  std::string text_pair_;
  std::string text_column_ = "text";
  std::string pair_column_ = "text_pair";
  std::string label_column_;
  Format format_ = Format::automatic;
  std::optional<Accuracy> accuracy_;
  bool table_ = false;
  std::size_t width_ = 0;  ///< of the longest label
};

}  // namespace

std::unique_ptr<Command> make_classify() {
  return std::make_unique<Classify>();
}

}  // namespace berta::cli
