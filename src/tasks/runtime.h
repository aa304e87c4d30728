#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "berta/types.h"
#include "infer/model.h"
#include "tokenizer/tokenizer.h"

namespace berta::tasks {

class SessionPool;

/// Where a task's maximal length comes from when the options name none.
enum class LengthRule : std::uint8_t {
  /// HF's text-classification and fill-mask cut nothing: never below 512, but at the rows of a position
  /// table.
  generous,
  /// HF's other pipelines: the tokenizer's model_max_length, 512 if it has none.
  tokenizer,
  /// sentence-transformers: also at most config.json's max_position_embeddings.
  sentence,
};

/// A session that goes back to its pool. For one thread at a time.
class SessionLease {
 public:
  SessionLease(std::shared_ptr<SessionPool> pool, std::unique_ptr<infer::Session> session)
      : pool_(std::move(pool)), session_(std::move(session)) {}
  SessionLease(SessionLease&&) = default;
  SessionLease& operator=(SessionLease&&) = delete;
  ~SessionLease();
  infer::Session& operator*() const { return *session_; }
  infer::Session* operator->() const { return session_.get(); }

 private:
  std::shared_ptr<SessionPool> pool_;
  std::unique_ptr<infer::Session> session_;
};

struct LoadSettings {
  std::string tokenizer_folder;  ///< empty: the model's own
  tokenizer::Mode tokenizer_mode = tokenizer::Mode::automatic;
  infer::LoadOptions model = {};
};

/// What every task runs on: a model, its tokenizer, and how to run them. Const after construction, cheap to
/// copy (copies share everything), callable from many threads.
class Runtime {
 public:
  /// `folder` is where the model came from: messages name it, and embed reads sentence-transformers' files
  /// there.
  Runtime(std::shared_ptr<const infer::Model> model, std::shared_ptr<const tokenizer::Tokenizer> tokenizer,
          std::string folder, const ModelOptions& options = {});

  /// Reads model and tokenizer. Throws UserError naming file and key.
  static Runtime load(const std::string& folder, const ModelOptions& options = {},
                      const LoadSettings& settings = {});

  const infer::Model& model() const { return *model_; }
  const tokenizer::Tokenizer& tokenizer() const { return *tokenizer_; }
  const ModelOptions& options() const { return options_; }
  const std::string& folder() const { return folder_; }

  /// Tokens, specials included, that a text of a task may have. Never 0.
  std::size_t max_length(LengthRule rule) const;

  /// How `tokenizer` cuts to that length.
  tokenizer::EncodeOptions encode_options(LengthRule rule) const;

  SessionLease session() const;

 private:
  std::shared_ptr<const infer::Model> model_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::string folder_;
  ModelOptions options_;
  std::shared_ptr<SessionPool> sessions_;
};

}  // namespace berta::tasks
