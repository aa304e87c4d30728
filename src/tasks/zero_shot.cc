#include "tasks/zero_shot.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"
#include "tasks/job.h"
#include "tasks/scores.h"
#include "tasks/text.h"

namespace berta::tasks {
namespace {

/// The id of the first label that begins with "entail", in the order of label2id; else the last.
std::size_t entailment_id(const infer::ModelInfo& info) {
  const std::size_t count = static_cast<std::size_t>(info.config.labels);
  const auto entails = [](std::string_view label) { return lower(label).starts_with("entail"); };
  if (const io::Json* ids = info.json.find("label2id"); ids != nullptr && ids->is_object()) {
    for (const auto& [label, id] : ids->as_object("label2id")) {
      if (!entails(label) || !id.is_integer()) continue;
      const std::int64_t value = id.as_integer("label2id");
      if (value < 0 || value >= info.config.labels) {
        throw UserError(info.path + ": key 'label2id." + label + "': expected 0 to " +
                        std::to_string(count - 1) + ", found " + std::to_string(value));
      }
      return static_cast<std::size_t>(value);
    }
    return count - 1;
  }
  const auto found = std::find_if(info.labels.begin(), info.labels.end(), entails);
  return found == info.labels.end() ? count - 1 : static_cast<std::size_t>(found - info.labels.begin());
}

/// Ids of the entailment and of the contradiction among a model's labels.
struct NliLabels {
  std::size_t entailment;
  std::size_t contradiction;
};

class ZeroShotJob final : public VectorJob<ZeroShotInput, Classification> {
 public:
  ZeroShotJob(const Runtime& runtime, std::span<const ZeroShotInput> inputs, const ZeroShotOptions& options,
              NliLabels ids)
      : VectorJob(inputs), runtime_(runtime), options_(options), ids_(ids), logits_(inputs.size()) {}

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    if (input(i).labels.empty()) throw UserError("labels: expected at least one, found none");
    std::vector<infer::Sequence> sequences;
    for (const std::string& label : input(i).labels) {
      sequences.push_back(
          to_sequence(encode_pair(input(i).text, format(options_.hypothesis, label), result(i))));
    }
    logits_[i].resize(sequences.size());
    return sequences;
  }

  void consume(std::size_t i, std::size_t part, const infer::Output& output) override {
    const auto row = output.logits.row(0);
    logits_[i][part] = {row[ids_.contradiction], row[ids_.entailment]};
  }

  void finish(std::size_t i) override {
    const std::vector<std::string>& labels = input(i).labels;
    std::vector<float> scores;
    if (options_.multi_label || labels.size() == 1) {
      for (const Logits& logits : logits_[i]) {
        scores.push_back(softmax(std::vector{logits.contradiction, logits.entailment})[1]);
      }
    } else {
      for (const Logits& logits : logits_[i]) scores.push_back(logits.entailment);
      scores = softmax(scores);
    }
    for (const std::size_t id : falling(scores)) result(i).labels.push_back({labels[id], scores[id]});
  }

 private:
  struct Logits {
    float contradiction;
    float entailment;
  };

  /// The text is cut, never the hypothesis; nothing where the text is too short for that, as the pipeline
  /// does.
  tokenizer::Encoding encode_pair(const std::string& text, const std::string& hypothesis,
                                  Outcome& outcome) const {
    tokenizer::EncodeOptions options = runtime_.encode_options(LengthRule::tokenizer);
    const std::size_t limit = std::exchange(options.max_length, 0);
    auto whole = runtime_.tokenizer().encode_pair(text, hypothesis, options);
    const std::size_t length = whole.ids.size();
    const auto own = static_cast<std::size_t>(std::count(whole.sequence.begin(), whole.sequence.end(), 0));
    if (length <= limit || own <= length - limit) return whole;
    options.max_length = limit;
    if (options.truncation == tokenizer::Truncation::head)
      return cut_head(std::move(whole), length - limit, outcome);
    if (options.truncation != tokenizer::Truncation::error)
      options.truncation = tokenizer::Truncation::only_first;
    outcome.truncated = true;
    return runtime_.tokenizer().encode_pair(text, hypothesis, options);
  }

  /// Without the first `remove` tokens of the text: the tokenizer's only_first cuts the tail.
  static tokenizer::Encoding cut_head(tokenizer::Encoding encoding, std::size_t remove, Outcome& outcome) {
    outcome.truncated = true;
    const auto first = std::find(encoding.sequence.begin(), encoding.sequence.end(), 0);
    const auto at = first - encoding.sequence.begin();
    const auto erase = [&](auto& values) {
      values.erase(values.begin() + at, values.begin() + at + static_cast<std::ptrdiff_t>(remove));
    };
    erase(encoding.ids);
    erase(encoding.type_ids);
    return encoding;
  }

  /// reversed(argsort): of equal scores the later label first.
  static std::vector<std::size_t> falling(std::span<const float> scores) {
    const std::vector<float> reversed(scores.rbegin(), scores.rend());
    std::vector<std::size_t> order = largest(reversed, 0);
    for (std::size_t& index : order) index = scores.size() - 1 - index;
    return order;
  }

  const Runtime& runtime_;
  const ZeroShotOptions& options_;
  NliLabels ids_;
  std::vector<std::vector<Logits>> logits_;
};

}  // namespace

ZeroShotClassifier::ZeroShotClassifier(Runtime runtime) : runtime_(std::move(runtime)) {
  runtime_.model().resolve(infer::Head::classification);
  const infer::ModelInfo& info = runtime_.model().info();
  if (info.config.labels < 1) throw UserError(info.path + ": expected at least one label, found none");
  entailment_ = entailment_id(info);
  contradiction_ = entailment_ == 0 ? static_cast<std::size_t>(info.config.labels) - 1 : 0;
}

std::vector<Classification> ZeroShotClassifier::run(std::span<const ZeroShotInput> inputs,
                                                    const ZeroShotOptions& options) const {
  format(options.hypothesis, "");
  ZeroShotJob job(runtime_, inputs, options, {.entailment = entailment_, .contradiction = contradiction_});
  run_job(runtime_, {.head = infer::Head::classification}, job);
  return job.take_results();
}

}  // namespace berta::tasks
