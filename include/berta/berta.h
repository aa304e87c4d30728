#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "berta/error.h"
#include "berta/types.h"

/// Berta: DeBERTa models as tasks. Every class here is loaded from a model folder as `transformers` writes it
/// (or Microsoft's native form), is const after that, cheap to copy (copies share the weights) and may be
/// called from many threads at once.
///
/// Constructors throw UserError for what is wrong with a folder, naming file and key. The methods that return
/// plain values throw UserError for the first bad text, naming its position in the call; those that return an
/// Outcome report it there and go on with the others. InternalError is our bug.
namespace berta {

/// "0.1.0".
std::string_view version();

/// Threads that calls from the current thread may use; 0 = all cores, the default.
void set_threads(int threads);

/// A loaded folder, to give to several tasks at once.
class Model {
 public:
  /// `folder` has config.json, weights and a tokenizer.
  explicit Model(const std::string& folder, const ModelOptions& options = {});

  std::vector<std::string> labels() const;  ///< by id; empty without a classifier

  struct Impl;
  const Impl& impl() const { return *impl_; }  ///< for the classes below

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Labels of texts, as the text-classification pipeline.
class Classifier {
 public:
  explicit Classifier(const std::string& folder, const ModelOptions& options = {});
  explicit Classifier(const Model& model);

  /// The best label of each text.
  std::vector<LabelScore> classify(const std::vector<std::string>& texts) const;
  /// As many labels as options.top_k says, of texts or pairs.
  std::vector<Classification> classify(const std::vector<TextInput>& inputs,
                                       const ClassifyOptions& options) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Labels of tokens, or entities, as the token-classification pipeline.
class TokenClassifier {
 public:
  explicit TokenClassifier(const std::string& folder, const ModelOptions& options = {});
  explicit TokenClassifier(const Model& model);

  std::vector<Entities> find(const std::vector<std::string>& texts, const EntityOptions& options = {}) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Answers cut out of contexts of any length, as the question-answering pipeline.
class QuestionAnswerer {
 public:
  explicit QuestionAnswerer(const std::string& folder, const ModelOptions& options = {});
  explicit QuestionAnswerer(const Model& model);

  std::vector<Answers> answer(const std::vector<QuestionInput>& questions,
                              const AnswerOptions& options = {}) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Labels that the caller names, as the zero-shot-classification pipeline; needs an NLI model.
class ZeroShotClassifier {
 public:
  explicit ZeroShotClassifier(const std::string& folder, const ModelOptions& options = {});
  explicit ZeroShotClassifier(const Model& model);

  /// All of `labels` for each text, by falling score.
  std::vector<Classification> classify(const std::vector<std::string>& texts,
                                       const std::vector<std::string>& labels,
                                       const ZeroShotOptions& options = {}) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Documents by relevance to a query, as sentence-transformers' CrossEncoder.rank.
class Reranker {
 public:
  explicit Reranker(const std::string& folder, const ModelOptions& options = {});
  explicit Reranker(const Model& model);

  std::vector<RankedDocument> rank(const std::string& query, const std::vector<std::string>& documents,
                                   const RerankOptions& options = {}) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Words for [MASK], as the fill-mask pipeline.
class MaskFiller {
 public:
  explicit MaskFiller(const std::string& folder, const ModelOptions& options = {});
  explicit MaskFiller(const Model& model);

  std::vector<Fillings> fill(const std::vector<std::string>& texts, const FillOptions& options = {}) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// For each token the probability that it was replaced: the discriminator of DeBERTaV3's pretraining.
class ReplacedTokenDetector {
 public:
  explicit ReplacedTokenDetector(const std::string& folder, const ModelOptions& options = {});
  explicit ReplacedTokenDetector(const Model& model);

  std::vector<ReplacedTokens> detect(const std::vector<std::string>& texts) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// One vector a text, as sentence-transformers' encode.
class Embedder {
 public:
  explicit Embedder(const std::string& folder, const ModelOptions& options = {});
  explicit Embedder(const Model& model);

  std::vector<std::vector<float>> embed(const std::vector<std::string>& texts,
                                        const EmbedOptions& options = {}) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// The encoder's last hidden state, one row a token.
class Encoder {
 public:
  explicit Encoder(const std::string& folder, const ModelOptions& options = {});
  explicit Encoder(const Model& model);

  std::vector<HiddenStates> encode(const std::vector<TextInput>& inputs) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Texts to ids and back. Needs the tokenizer's files only, no config.json.
class Tokenizer {
 public:
  explicit Tokenizer(const std::string& folder);

  /// With the specials that the model expects; nothing is cut.
  std::vector<TokenizedText> encode(const std::vector<std::string>& texts) const;
  std::string decode(const std::vector<std::int32_t>& ids, bool skip_specials = true) const;
  std::int32_t size() const;  ///< largest id + 1

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace berta
