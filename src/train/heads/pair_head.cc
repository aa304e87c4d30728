#include <algorithm>
#include <cmath>
#include <map>

#include "core/random_stream.h"
#include "data/json_records.h"
#include "data/preference.h"
#include "data/ranking.h"
#include "metrics/correlation.h"
#include "metrics/ranking.h"
#include "train/heads/task_data.h"
#include "train/ops/row_groups.h"

namespace berta::train {
namespace {

/// Of a query in training: more make long steps and teach little.
constexpr std::size_t kNegatives = 7;

/// What both tasks have: one score a pair of texts.
class PairHead : public TaskHead {
 public:
  explicit PairHead(const FinetuneSettings& settings) : settings_(settings) {}

  model::HeadShape heads() const override { return {.pooler = true, .classifier = true}; }
  std::vector<std::string> labels() const override { return {"LABEL_0"}; }
  std::string architecture() const override { return "ForSequenceClassification"; }
  const std::vector<Example>& train() const override { return train_; }
  const std::vector<Example>& dev() const override { return dev_; }
  NeededRows needed_rows() const override { return NeededRows::first; }
  at::Tensor logits(Forward& forward) const override { return forward.sequence_logits(); }

  void begin_evaluation() override { scores_.clear(); }
  void collect(const at::Tensor& logits, Examples) override {
    const std::vector<float> scores = numbers_of(logits);
    scores_.insert(scores_.end(), scores.begin(), scores.end());
  }

 protected:
  const FinetuneSettings& settings_;
  std::vector<Example> train_, dev_;
  std::vector<double> scores_;  ///< of the sequences of dev_
};

struct Query {
  struct Document {
    std::string text;
    double relevance = 0;
  };
  std::string text;
  std::vector<Document> documents;  ///< of groups the positives first
};

/// Whether the first record has positives, or a key of that meaning.
bool has_groups(const std::string& path) {
  if (data::format_of(path, data::FileFormat::automatic, data::FileFormat::tsv) != data::FileFormat::json)
    return false;
  data::JsonRecords records(data::open_lines(path));
  io::Json record;
  std::string_view key;
  return records.next(record) && data::find_any(record, {"positives", "positive", "pos"}, key) != nullptr;
}

std::vector<Query> read_groups(const std::string& path) {
  std::vector<Query> queries;
  for (data::RankingGroup& group : data::read_ranking_groups(path)) {
    Query& query = queries.emplace_back(Query{.text = std::move(group.query), .documents = {}});
    for (std::string& text : group.positives) query.documents.push_back({std::move(text), 1});
    for (std::string& text : group.negatives) query.documents.push_back({std::move(text), 0});
  }
  return queries;
}

/// Pairs with scores, by query in the order in which these come first.
std::vector<Query> read_scored(const std::string& path, const data::ColumnChoice& columns) {
  data::LabelledTextOptions options;
  options.columns = columns;
  std::vector<Query> queries;
  std::map<std::string, std::size_t> places;
  std::size_t count = 0;
  for (data::ScoredDocument& document : data::read_scored_documents(path, options)) {
    ++count;
    if (!(document.score >= 0 && document.score <= 1)) {
      throw UserError(path + ": sample " + std::to_string(count) + ": expected a score from 0 to 1, found " +
                      std::to_string(document.score));
    }
    const auto [place, is_new] = places.try_emplace(document.query, queries.size());
    if (is_new) queries.push_back({.text = std::move(document.query), .documents = {}});
    queries[place->second].documents.push_back({std::move(document.document), document.score});
  }
  return queries;
}

/// Queries and documents. Groups are trained listwise: of a positive and negatives that are drawn for it the
/// softmax shall say the positive. Scored documents are trained each for itself. Evaluation ranks all
/// documents of a query, and one of them is one dev example.
class RerankHead final : public PairHead {
 public:
  explicit RerankHead(const TaskInput& input)
      : PairHead(input.settings), groups_(has_groups(settings_.train.front())) {
    const auto samples = read_samples<Query>(settings_, [&](const std::string& file) {
      return groups_ ? read_groups(file) : read_scored(file, settings_.columns);
    });
    SampleSplit split = split_of(samples.train_count, samples.dev_count(), settings_);
    if (groups_) keep_first(split.train, settings_);
    train_ = encode_samples(samples, split.train, [&](std::size_t i, std::vector<Example>& examples) {
      groups_ ? add_groups(samples.all[i], i, input, examples)
              : add_documents(samples.all[i], input, examples);
    });
    if (!groups_) keep_first(train_, settings_);
    dev_ = encode_samples(samples, split.dev, [&](std::size_t i, std::vector<Example>& examples) {
      add_documents(samples.all[i], input, examples);
    });
    ranks_ = is_ranking();
  }

  std::string pipeline_tag() const override { return "text-ranking"; }

  at::Tensor loss(const at::Tensor& logits, Examples examples) const override {
    if (!groups_)
      return at::binary_cross_entropy_with_logits(logits.squeeze(1), value_tensor(examples, logits));
    return group_loss(distributions(logits, examples), class_tensor(examples, logits), settings_);
  }

  /// Over the documents of a group; of a document for itself (0, score), whose softmax is the sigmoid.
  at::Tensor distributions(const at::Tensor& logits, Examples examples) const override {
    return groups_ ? group_rows(logits, sequence_counts(examples))
                   : at::cat({at::zeros_like(logits), logits}, 1);
  }

  metrics::Metrics figures() const override {
    check_internal(scores_.size() == dev_.size(), "not one score a dev example");
    std::vector<double> relevance;
    for (const Example& example : dev_) relevance.push_back(example.value);
    std::vector<metrics::RankedQuery> queries;
    for (std::size_t begin = 0, end = 0; begin < dev_.size(); begin = end) {
      while (end < dev_.size() && dev_[end].source == dev_[begin].source) ++end;
      queries.push_back({.scores = std::span(scores_).subspan(begin, end - begin),
                         .relevance = std::span(relevance).subspan(begin, end - begin)});
    }
    metrics::Metrics figures = metrics::ranking_metrics(queries);
    if (!ranks_) {
      // Of the score that the model's users see.
      std::vector<double> shares;
      for (const double score : scores_) shares.push_back(1 / (1 + std::exp(-score)));
      figures.push_back({.name = "pearson", .value = metrics::pearson(relevance, shares)});
      figures.push_back({.name = "spearmanr", .value = metrics::spearman(relevance, scores_)});
    }
    return figures;
  }
  std::string main_metric() const override { return ranks_ ? "mrr@10" : "spearmanr"; }

 private:
  static infer::Sequence encode(const Query& query, std::size_t document, const TaskInput& input) {
    return encode_texts(input, query.text, query.documents[document].text);
  }

  static void add_documents(const Query& query, const TaskInput& input, std::vector<Example>& examples) {
    for (std::size_t document = 0; document < query.documents.size(); ++document) {
      Example& example = examples.emplace_back();
      example.sequences.push_back(encode(query, document, input));
      example.value = query.documents[document].relevance;
    }
  }

  /// One example a positive. Which negatives depends on the seed and the query's place alone.
  static void add_groups(const Query& query, std::size_t place, const TaskInput& input,
                         std::vector<Example>& examples) {
    std::vector<std::size_t> negatives;
    for (std::size_t document = 0; document < query.documents.size(); ++document)
      if (query.documents[document].relevance == 0) negatives.push_back(document);
    if (negatives.empty()) throw UserError("expected negatives to train against, found none");
    RandomStream random(input.settings.run.seed, place);
    for (std::size_t positive = 0; positive + negatives.size() < query.documents.size(); ++positive) {
      Example& example = examples.emplace_back();
      example.sequences.push_back(encode(query, positive, input));
      for (std::size_t i = 0; i < std::min(kNegatives, negatives.size()); ++i) {
        const auto left = static_cast<std::uint32_t>(negatives.size() - i);
        std::swap(negatives[i], negatives[i + random.below(left)]);
        example.sequences.push_back(encode(query, negatives[i], input));
      }
    }
  }

  /// Whether ranks say something about this data: documents are relevant or not, and some query has both
  /// kinds. Else, as with a similarity of pairs, each score is compared with the expected one.
  bool is_ranking() const {
    bool is_mixed = false;
    for (std::size_t i = 0; i < dev_.size(); ++i) {
      if (dev_[i].value != 0 && dev_[i].value != 1) return false;
      is_mixed =
          is_mixed || (i > 0 && dev_[i].source == dev_[i - 1].source && dev_[i].value != dev_[i - 1].value);
    }
    return groups_ || is_mixed;
  }

  bool groups_;
  bool ranks_ = true;
};

/// Of two answers the preferred one shall have the higher score (Bradley and Terry's model).
class RewardHead final : public PairHead {
 public:
  explicit RewardHead(const TaskInput& input) : PairHead(input.settings) {
    const auto samples = read_samples<data::Preference>(
        settings_, [](const std::string& file) { return data::read_preferences(file); });
    SampleSplit split = split_of(samples.train_count, samples.dev_count(), settings_);
    keep_first(split.train, settings_);
    const auto add = [&](std::size_t i, std::vector<Example>& examples) {
      const data::Preference& sample = samples.all[i];
      Example& example = examples.emplace_back();
      example.sequences.push_back(encode(sample.prompt, sample.chosen, input));
      example.sequences.push_back(encode(sample.prompt, sample.rejected, input));
    };
    train_ = encode_samples(samples, split.train, add);
    dev_ = encode_samples(samples, split.dev, add);
  }

  std::string pipeline_tag() const override { return "text-classification"; }

  at::Tensor loss(const at::Tensor& logits, Examples examples) const override {
    const at::Tensor scores = distributions(logits, examples);
    return -at::log_sigmoid(scores.select(1, 0) - scores.select(1, 1)).mean();
  }

  /// [pairs, 2]: the softmax is the probability that people prefer the one or the other.
  at::Tensor distributions(const at::Tensor& logits, Examples) const override {
    return logits.reshape({-1, 2});
  }

  metrics::Metrics figures() const override {
    std::vector<double> chosen, rejected;
    for (std::size_t i = 0; i + 1 < scores_.size(); i += 2) {
      chosen.push_back(scores_[i]);
      rejected.push_back(scores_[i + 1]);
    }
    return {{.name = "accuracy", .value = metrics::pairwise_accuracy(chosen, rejected)}};
  }
  std::string main_metric() const override { return "accuracy"; }

 private:
  static infer::Sequence encode(const std::string& prompt, const std::string& answer,
                                const TaskInput& input) {
    return prompt.empty() ? encode_texts(input, answer, std::nullopt) : encode_texts(input, prompt, answer);
  }
};

}  // namespace

std::unique_ptr<TaskHead> make_pair_head(const TaskInput& input) {
  if (input.settings.task == Task::reward) return std::make_unique<RewardHead>(input);
  return std::make_unique<RerankHead>(input);
}

}  // namespace berta::train
