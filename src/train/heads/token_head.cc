#include <algorithm>
#include <optional>

#include "core/utf8.h"
#include "data/label_map.h"
#include "data/tagged_sentence.h"
#include "metrics/entities.h"
#include "train/heads/task_data.h"

namespace berta::train {
namespace {

using data::TaggedSentence;

constexpr std::int64_t kNoLabel = -100;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

/// The first token of each word of the joined text; nothing for a word without one.
///
/// A token belongs to the first word that does not end before it. So a blank that the tokenizer takes into a
/// token, or makes a token of, belongs to the word behind it: as where transformers is given words, the mark
/// of a word's beginning may be its first token.
std::vector<std::optional<std::size_t>> first_tokens(const tokenizer::Encoding& encoding,
                                                     const std::vector<std::string>& words) {
  std::vector<std::size_t> ends;
  for (const std::string& word : words)
    ends.push_back((ends.empty() ? 0 : ends.back() + 1) + decode_utf8(word).size());
  std::vector<std::optional<std::size_t>> first(words.size());
  for (std::size_t token = 0; token < encoding.ids.size(); ++token) {
    if (encoding.sequence[token] != 0) continue;
    const auto end = std::lower_bound(ends.begin(), ends.end(), encoding.offsets[token].end);
    if (end == ends.end()) continue;
    std::optional<std::size_t>& place = first[static_cast<std::size_t>(end - ends.begin())];
    if (!place) place = token;
  }
  return first;
}

class TokenHead final : public TaskHead {
 public:
  explicit TokenHead(const TaskInput& input) : settings_(input.settings) {
    const auto samples = read_samples<TaggedSentence>(settings_, [&](const std::string& file) {
      data::TaggedSentenceOptions options;
      options.word_prefix = settings_.word_prefix;
      return data::read_tagged_sentences(file, options);
    });
    map_ = settings_.labels.empty() ? data::label_map_of(std::span(samples.all).first(samples.train_count))
                                    : data::LabelMap(settings_.labels);
    SampleSplit split = split_of(samples.train_count, samples.dev_count(), settings_);
    keep_first(split.train, settings_);
    std::vector<Rows> rows(samples.all.size());
    const auto add = [&](std::size_t i, std::vector<Example>& examples) {
      examples.push_back(encode(samples.all[i], input, rows[i]));
    };
    train_ = encode_samples(samples, split.train, add);
    dev_ = encode_samples(samples, split.dev, add);
    for (const std::size_t i : split.dev) {
      expected_.push_back(samples.all[i].tags);
      rows_.push_back(std::move(rows[i]));
    }
  }

  model::HeadShape heads() const override {
    return {.token_projection = settings_.token_projection, .classifier = true};
  }
  std::vector<std::string> labels() const override { return map_->names(); }
  std::string architecture() const override { return "ForTokenClassification"; }
  std::string pipeline_tag() const override { return "token-classification"; }
  const std::vector<Example>& train() const override { return train_; }
  const std::vector<Example>& dev() const override { return dev_; }

  at::Tensor logits(Forward& forward) const override { return forward.token_logits(); }

  at::Tensor loss(const at::Tensor& logits, Examples examples) const override {
    const std::vector<std::int64_t> labels = labels_of(examples);
    // Of a batch of sentences without labelled tokens the mean would be 0 / 0.
    if (std::all_of(labels.begin(), labels.end(), [](std::int64_t label) { return label == kNoLabel; }))
      return logits.sum() * 0;
    return class_loss(logits, at::tensor(labels, at::kLong).to(logits.device()), settings_);
  }

  std::size_t loss_terms(Examples examples) const override {
    const std::vector<std::int64_t> labels = labels_of(examples);
    return labels.size() - static_cast<std::size_t>(std::count(labels.begin(), labels.end(), kNoLabel));
  }

  /// Those of the tokens that carry a label: nothing is predicted by the others.
  at::Tensor distributions(const at::Tensor& logits, Examples examples) const override {
    const at::Tensor labels = at::tensor(labels_of(examples), at::kLong).to(logits.device());
    return logits.index_select(0, labels.ne(kNoLabel).nonzero().squeeze(1));
  }

  void begin_evaluation() override { predicted_.clear(); }

  void collect(const at::Tensor& logits, Examples examples) override {
    const at::Tensor best = logits.argmax(1).to(at::kCPU).contiguous();
    const auto* row = best.const_data_ptr<std::int64_t>();
    for (const Example* example : examples) {
      check_internal(predicted_.size() < rows_.size(), "more outputs than dev examples");
      metrics::Tags tags;
      for (const auto& token : rows_[predicted_.size()])
        tags.push_back(token ? map_->name(static_cast<std::size_t>(row[*token])) : "O");
      predicted_.push_back(std::move(tags));
      row += example->sequences[0].ids.size();
    }
  }

  /// Over all words of the files. Those that have no token, or that max_length cuts off, count as tagged "O":
  /// transformers' run_ner leaves them out with their tags, so that its recall rises as max_length falls.
  metrics::Metrics figures() const override {
    return metrics::entity_metrics(metrics::score_entities(expected_, predicted_));
  }
  std::string main_metric() const override { return "f1"; }

 private:
  using Rows = std::vector<std::optional<std::size_t>>;  ///< of each word the token that carries its label

  Example encode(const TaggedSentence& sentence, const TaskInput& input, Rows& rows) const {
    tokenizer::Encoding encoding =
        input.tokenizer.encode(joined(sentence.words), encode_options(input.settings));
    rows = first_tokens(encoding, sentence.words);
    Example example;
    example.token_labels.assign(encoding.ids.size(), kNoLabel);
    for (std::size_t word = 0; word < rows.size(); ++word) {
      const auto label = static_cast<std::int64_t>(map_->id(sentence.tags[word]));
      if (rows[word]) example.token_labels[*rows[word]] = label;
    }
    example.sequences.push_back(to_sequence(std::move(encoding)));
    return example;
  }

  static std::vector<std::int64_t> labels_of(Examples examples) {
    std::vector<std::int64_t> labels;
    for (const Example* example : examples)
      labels.insert(labels.end(), example->token_labels.begin(), example->token_labels.end());
    return labels;
  }

  const FinetuneSettings& settings_;
  std::optional<data::LabelMap> map_;
  std::vector<Example> train_, dev_;
  std::vector<Rows> rows_;                           // of dev_
  std::vector<metrics::Tags> expected_, predicted_;  // of dev_
};

}  // namespace

std::unique_ptr<TaskHead> make_token_head(const TaskInput& input) {
  return std::make_unique<TokenHead>(input);
}

}  // namespace berta::train
