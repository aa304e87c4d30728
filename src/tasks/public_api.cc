#include "berta/berta.h"
#include "tasks/classify.h"
#include "tasks/embed.h"
#include "tasks/encode_states.h"
#include "tasks/fill_mask.h"
#include "tasks/question_answer.h"
#include "tasks/rerank.h"
#include "tasks/rtd.h"
#include "tasks/token_classify.h"
#include "tasks/zero_shot.h"

namespace berta {
namespace {

/// For methods that return plain values.
template <class Result>
void throw_first_error(const std::vector<Result>& results, const char* what) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ok())
      throw UserError(std::string(what) + " " + std::to_string(i) + ": " + results[i].error);
  }
}

}  // namespace

std::string_view version() {
  return BERTA_VERSION;
}

struct Model::Impl {
  tasks::Runtime runtime;
};

Model::Model(const std::string& folder, const ModelOptions& options)
    : impl_(std::make_shared<Impl>(Impl{tasks::Runtime::load(folder, options)})) {}

std::vector<std::string> Model::labels() const {
  return impl_->runtime.model().info().labels;
}

struct Classifier::Impl {
  tasks::Classifier task;
};

Classifier::Classifier(const std::string& folder, const ModelOptions& options)
    : Classifier(Model(folder, options)) {}

Classifier::Classifier(const Model& model)
    : impl_(std::make_shared<Impl>(Impl{tasks::Classifier(model.impl().runtime)})) {}

std::vector<LabelScore> Classifier::classify(const std::vector<std::string>& texts) const {
  std::vector<TextInput> inputs;
  inputs.reserve(texts.size());
  for (const std::string& text : texts) inputs.push_back({text, std::nullopt});
  auto results = impl_->task.run(inputs, {});
  throw_first_error(results, "text");
  std::vector<LabelScore> best;
  best.reserve(results.size());
  for (Classification& result : results) best.push_back(std::move(result.labels.front()));
  return best;
}

std::vector<Classification> Classifier::classify(const std::vector<TextInput>& inputs,
                                                 const ClassifyOptions& options) const {
  return impl_->task.run(inputs, options);
}

struct TokenClassifier::Impl {
  tasks::TokenClassifier task;
};

TokenClassifier::TokenClassifier(const std::string& folder, const ModelOptions& options)
    : TokenClassifier(Model(folder, options)) {}

TokenClassifier::TokenClassifier(const Model& model)
    : impl_(std::make_shared<Impl>(Impl{tasks::TokenClassifier(model.impl().runtime)})) {}

std::vector<Entities> TokenClassifier::find(const std::vector<std::string>& texts,
                                            const EntityOptions& options) const {
  return impl_->task.run(texts, options);
}

struct QuestionAnswerer::Impl {
  tasks::QuestionAnswerer task;
};

QuestionAnswerer::QuestionAnswerer(const std::string& folder, const ModelOptions& options)
    : QuestionAnswerer(Model(folder, options)) {}

QuestionAnswerer::QuestionAnswerer(const Model& model)
    : impl_(std::make_shared<Impl>(Impl{tasks::QuestionAnswerer(model.impl().runtime)})) {}

std::vector<Answers> QuestionAnswerer::answer(const std::vector<QuestionInput>& questions,
                                              const AnswerOptions& options) const {
  return impl_->task.run(questions, options);
}

struct ZeroShotClassifier::Impl {
  tasks::ZeroShotClassifier task;
};

ZeroShotClassifier::ZeroShotClassifier(const std::string& folder, const ModelOptions& options)
    : ZeroShotClassifier(Model(folder, options)) {}

ZeroShotClassifier::ZeroShotClassifier(const Model& model)
    : impl_(std::make_shared<Impl>(Impl{tasks::ZeroShotClassifier(model.impl().runtime)})) {}

std::vector<Classification> ZeroShotClassifier::classify(const std::vector<std::string>& texts,
                                                         const std::vector<std::string>& labels,
                                                         const ZeroShotOptions& options) const {
  std::vector<ZeroShotInput> inputs;
  inputs.reserve(texts.size());
  for (const std::string& text : texts) inputs.push_back({text, labels});
  return impl_->task.run(inputs, options);
}

struct Reranker::Impl {
  tasks::Reranker task;
};

Reranker::Reranker(const std::string& folder, const ModelOptions& options)
    : Reranker(Model(folder, options)) {}

Reranker::Reranker(const Model& model)
    : impl_(std::make_shared<Impl>(Impl{tasks::Reranker(model.impl().runtime)})) {}

std::vector<RankedDocument> Reranker::rank(const std::string& query,
                                           const std::vector<std::string>& documents,
                                           const RerankOptions& options) const {
  const RerankInput input{query, documents};
  auto results = impl_->task.run({&input, 1}, options);
  throw_first_error(results, "query");
  return std::move(results.front().documents);
}

struct MaskFiller::Impl {
  tasks::MaskFiller task;
};

MaskFiller::MaskFiller(const std::string& folder, const ModelOptions& options)
    : MaskFiller(Model(folder, options)) {}

MaskFiller::MaskFiller(const Model& model)
    : impl_(std::make_shared<Impl>(Impl{tasks::MaskFiller(model.impl().runtime)})) {}

std::vector<Fillings> MaskFiller::fill(const std::vector<std::string>& texts,
                                       const FillOptions& options) const {
  return impl_->task.run(texts, options);
}

struct ReplacedTokenDetector::Impl {
  tasks::ReplacedTokenDetector task;
};

ReplacedTokenDetector::ReplacedTokenDetector(const std::string& folder, const ModelOptions& options)
    : ReplacedTokenDetector(Model(folder, options)) {}

ReplacedTokenDetector::ReplacedTokenDetector(const Model& model)
    : impl_(std::make_shared<Impl>(Impl{tasks::ReplacedTokenDetector(model.impl().runtime)})) {}

std::vector<ReplacedTokens> ReplacedTokenDetector::detect(const std::vector<std::string>& texts) const {
  return impl_->task.run(texts);
}

struct Embedder::Impl {
  tasks::Embedder task;
};

Embedder::Embedder(const std::string& folder, const ModelOptions& options)
    : Embedder(Model(folder, options)) {}

Embedder::Embedder(const Model& model)
    : impl_(std::make_shared<Impl>(Impl{tasks::Embedder(model.impl().runtime)})) {}

std::vector<std::vector<float>> Embedder::embed(const std::vector<std::string>& texts,
                                                const EmbedOptions& options) const {
  auto results = impl_->task.run(texts, options);
  throw_first_error(results, "text");
  std::vector<std::vector<float>> vectors;
  vectors.reserve(results.size());
  for (Embedding& result : results) vectors.push_back(std::move(result.values));
  return vectors;
}

struct Encoder::Impl {
  tasks::Runtime runtime;
};

Encoder::Encoder(const std::string& folder, const ModelOptions& options) : Encoder(Model(folder, options)) {}

Encoder::Encoder(const Model& model) : impl_(std::make_shared<Impl>(Impl{model.impl().runtime})) {}

std::vector<HiddenStates> Encoder::encode(const std::vector<TextInput>& inputs) const {
  return tasks::encode_states(impl_->runtime, inputs);
}

struct Tokenizer::Impl {
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
};

Tokenizer::Tokenizer(const std::string& folder)
    : impl_(std::make_shared<Impl>(Impl{tokenizer::load_tokenizer(folder)})) {}

std::vector<TokenizedText> Tokenizer::encode(const std::vector<std::string>& texts) const {
  std::vector<TokenizedText> out;
  for (tokenizer::Encoding& encoding : tokenizer::encode_batch(*impl_->tokenizer, texts, {}, {})) {
    TokenizedText text;
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
      text.tokens.push_back(impl_->tokenizer->token(encoding.ids[i]));
      text.begins.push_back(encoding.offsets[i].begin);
      text.ends.push_back(encoding.offsets[i].end);
    }
    text.ids = std::move(encoding.ids);
    out.push_back(std::move(text));
  }
  return out;
}

std::string Tokenizer::decode(const std::vector<std::int32_t>& ids, bool skip_specials) const {
  return impl_->tokenizer->decode(ids, skip_specials);
}

std::int32_t Tokenizer::size() const {
  return impl_->tokenizer->size();
}

}  // namespace berta
