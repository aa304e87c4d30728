#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"
#include "tasks/sentence_settings.h"

namespace berta::tasks {

/// Vectors of texts: SentenceTransformer.encode of sentence-transformers 5.1.2.
class Embedder {
 public:
  /// Reads modules.json, sentence_bert_config.json, 1_Pooling/config.json and
  /// config_sentence_transformers.json where the folder has them. Throws UserError naming file and key; also
  /// for modules other than Transformer, Pooling and Normalize.
  explicit Embedder(Runtime runtime);

  /// One result an input, in order; an input that fails says so in its result. Any number of inputs: they run
  /// in batches of the runtime's batch_tokens.
  std::vector<Embedding> run(std::span<const std::string> inputs, const EmbedOptions& options = {}) const;

 private:
  Runtime runtime_;
  SentenceSettings settings_;
};

}  // namespace berta::tasks
