#include "tasks/runtime.h"

#include <algorithm>

#include "core/error.h"
#include "tasks/session_pool.h"

namespace berta::tasks {
namespace {

/// Where neither the tokenizer nor a position table sets one. Relative positions have no end of their own,
/// but no DeBERTa was trained on longer texts.
constexpr std::size_t kDefaultLength = 512;

tokenizer::Truncation tokenizer_truncation(Truncation truncation) {
  switch (truncation) {
    case Truncation::head:
      return tokenizer::Truncation::head;
    case Truncation::error:
      return tokenizer::Truncation::error;
    case Truncation::tail:
      break;
  }
  return tokenizer::Truncation::longest_first;
}

}  // namespace

std::unique_ptr<infer::Session> SessionPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  return model_->make_session();
}

void SessionPool::give_back(std::unique_ptr<infer::Session> session) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(session));
}

SessionLease::~SessionLease() {
  if (session_) pool_->give_back(std::move(session_));
}

Runtime::Runtime(std::shared_ptr<const infer::Model> model,
                 std::shared_ptr<const tokenizer::Tokenizer> tokenizer, std::string folder,
                 const ModelOptions& options)
    : model_(std::move(model)),
      tokenizer_(std::move(tokenizer)),
      folder_(std::move(folder)),
      options_(options),
      sessions_(std::make_shared<SessionPool>(model_)) {
  if (options_.batch_tokens == 0) throw UserError("batch_tokens: expected at least 1, found 0");
}

Runtime Runtime::load(const std::string& folder, const ModelOptions& options, const LoadSettings& settings) {
  const std::string& beside = settings.tokenizer_folder.empty() ? folder : settings.tokenizer_folder;
  auto tokenizer = tokenizer::load_tokenizer(beside, settings.tokenizer_mode);
  return {infer::Model::load(folder, settings.model), std::move(tokenizer), folder, options};
}

std::size_t Runtime::max_length(LengthRule rule) const {
  const model::Embeddings& embeddings = model_->info().config.embeddings;
  const auto table = static_cast<std::size_t>(std::max<std::int64_t>(embeddings.max_positions, 0));
  const bool bounded = embeddings.add_positions && table > 0;
  std::size_t length = options_.max_length;
  if (length == 0) {
    length = tokenizer_->model_max_length().value_or(bounded ? table : kDefaultLength);
    if (rule == LengthRule::generous) length = std::max(length, kDefaultLength);
    if (rule == LengthRule::sentence && table > 0) length = std::min(length, table);
  }
  return std::max<std::size_t>(bounded ? std::min(length, table) : length, 1);
}

tokenizer::EncodeOptions Runtime::encode_options(LengthRule rule) const {
  return {.max_length = max_length(rule), .truncation = tokenizer_truncation(options_.truncation)};
}

SessionLease Runtime::session() const {
  return {sessions_, sessions_->take()};
}

}  // namespace berta::tasks
