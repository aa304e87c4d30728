#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "../wordvec/temporary_folder.h"
#include "metrics/metric.h"
#include "train/heads/task_head.h"

namespace berta::train::testing {

inline std::vector<const Example*> pointers(const std::vector<Example>& examples) {
  std::vector<const Example*> all;
  for (const Example& example : examples) all.push_back(&example);
  return all;
}

/// Heads made from small files and the tokenizer of models/sentiment.
class HeadData {
 public:
  FinetuneSettings settings;

  explicit HeadData(Task task) { settings.task = task; }

  void train(const std::string& name, const std::string& content) {
    settings.train.push_back(folder_->write(name, content));
  }
  void dev(const std::string& name, const std::string& content) {
    settings.dev.push_back(folder_->write(name, content));
  }
  void dev_gzip(const std::string& name, const std::string& content) {
    settings.dev.push_back(wordvec::testing::append_gzip(*folder_, name, content));
  }

  /// Lives no longer than this.
  std::unique_ptr<TaskHead> make() const& { return make_task_head({settings, tokenizer(), info_}); }

  /// What make() refuses to do, without the folder.
  std::string refusal() const& {
    std::string message = io::error_of([&] { make(); });
    const std::string before = folder_->path() + "/";
    for (std::size_t at = message.find(before); at != std::string::npos; at = message.find(before))
      message.erase(at, before.size());
    return message;
  }

  static const tokenizer::Tokenizer& tokenizer() {
    static const auto loaded = tokenizer::load_tokenizer(BERTA_MODELS "/sentiment");
    return *loaded;
  }

 private:
  std::shared_ptr<io::TemporaryFolder> folder_ = std::make_shared<io::TemporaryFolder>();
  infer::ModelInfo info_;
};

/// Figures of these logits of all dev examples, collected in two batches: `first` examples with `rows` rows,
/// then the rest.
inline metrics::Metrics figures_of(TaskHead& head, const at::Tensor& logits, std::size_t first,
                                   std::int64_t rows) {
  const std::vector<const Example*> all = pointers(head.dev());
  head.begin_evaluation();
  head.collect(logits.narrow(0, 0, rows), Examples(all).first(first));
  head.collect(logits.narrow(0, rows, logits.size(0) - rows), Examples(all).subspan(first));
  return head.figures();
}

/// Tokens of all sequences.
inline std::int64_t rows_of(const std::vector<Example>& examples) {
  std::int64_t rows = 0;
  for (const Example& example : examples)
    for (const infer::Sequence& sequence : example.sequences)
      rows += static_cast<std::int64_t>(sequence.ids.size());
  return rows;
}

/// -log softmax(x)[label] in plain double.
inline double cross_entropy(const std::vector<double>& x, std::size_t label) {
  double sum = 0;
  for (const double value : x) sum += std::exp(value);
  return std::log(sum) - x[label];
}

/// Logits that a test can compute with.
inline at::Tensor some_logits(std::int64_t rows, std::int64_t columns) {
  return at::sin(at::arange(rows * columns, at::kDouble) * 1.7).view({rows, columns}) * 2;
}

}  // namespace berta::train::testing
