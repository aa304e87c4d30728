#include "tasks/rerank.h"

#include <string>

#include "core/error.h"
#include "tasks/job.h"
#include "tasks/scores.h"
#include "tasks/text.h"

namespace berta::tasks {
namespace {

/// The activation that config.json names for cross-encoders: the newer key first, as CrossEncoder looks.
/// Names outside torch are not run there, and the default holds.
ScoreFunction named_function(const infer::ModelInfo& info) {
  const io::Json* name = nullptr;
  std::string key = "sentence_transformers.activation_fn";
  if (const io::Json* group = info.json.find("sentence_transformers")) name = group->find("activation_fn");
  if (name == nullptr) {
    key = "sbert_ce_default_activation_function";
    name = info.json.find(key);
  }
  if (name == nullptr || name->is_null()) return ScoreFunction::sigmoid;
  const std::string where = info.path + ": key '" + key + "'";
  const std::string& path = name->as_string(where);
  if (!path.starts_with("torch.")) return ScoreFunction::sigmoid;
  const std::string last = path.substr(path.rfind('.') + 1);
  if (last == "Identity") return ScoreFunction::none;
  if (last == "Sigmoid") return ScoreFunction::sigmoid;
  if (last == "Softmax") return ScoreFunction::softmax;
  throw UserError(where + ": expected Identity, Sigmoid or Softmax, found '" + path + "'");
}

class RerankJob final : public VectorJob<RerankInput, Ranking> {
 public:
  RerankJob(const Runtime& runtime, std::span<const RerankInput> inputs, ScoreFunction function,
            std::size_t top_k)
      : VectorJob(inputs), runtime_(runtime), function_(function), top_k_(top_k), scores_(inputs.size()) {}

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    std::vector<infer::Sequence> sequences;
    const std::string_view query = strip(input(i).query);
    for (const std::string& document : input(i).documents) {
      bool truncated = false;
      sequences.push_back(to_sequence(runtime_.tokenizer().encode_pair(
          query, strip(document), runtime_.encode_options(LengthRule::sentence), &truncated)));
      result(i).truncated |= truncated;
    }
    scores_[i].resize(sequences.size());
    return sequences;
  }

  void consume(std::size_t i, std::size_t part, const infer::Output& output) override {
    scores_[i][part] = apply(function_, output.logits.row(0))[0];
  }

  void finish(std::size_t i) override {
    for (const std::size_t document : largest(scores_[i], top_k_)) {
      result(i).documents.push_back({document, scores_[i][document]});
    }
  }

 private:
  const Runtime& runtime_;
  ScoreFunction function_;
  std::size_t top_k_;
  std::vector<std::vector<float>> scores_;
};

}  // namespace

Reranker::Reranker(Runtime runtime)
    : runtime_(std::move(runtime)), default_function_(ScoreFunction::sigmoid) {
  runtime_.model().resolve(infer::Head::classification);
  const infer::ModelInfo& info = runtime_.model().info();
  if (info.config.labels != 1) {
    throw UserError(info.path + ": expected one label to rank by, found " +
                    std::to_string(info.config.labels));
  }
  default_function_ = named_function(info);
}

std::vector<Ranking> Reranker::run(std::span<const RerankInput> inputs, const RerankOptions& options) const {
  const bool named = options.function != ScoreFunction::automatic;
  RerankJob job(runtime_, inputs, named ? options.function : default_function_, options.top_k);
  run_job(runtime_, {.head = infer::Head::classification}, job);
  return job.take_results();
}

}  // namespace berta::tasks
