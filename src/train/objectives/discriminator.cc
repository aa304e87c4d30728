#include "train/objectives/discriminator.h"

#include "train/optim/rates.h"

namespace berta::train {
namespace {

/// A batch without gaps.
struct Filled {
  Batch batch;
  at::Tensor replaced;  ///< [rows]: 1 where a token is not the one that stood there
};

/// A token that was drawn right counts as original (apps/models/replaced_token_detection_model.py of
/// microsoft/DeBERTa 4d7fe0b).
Filled fill(const MaskedBatch& masked, std::span<const std::int32_t> drawn, const at::Device& device) {
  Filled filled{masked.batch,
                at::zeros({static_cast<std::int64_t>(masked.batch.tokens.ids.size())}, at::kFloat)};
  auto* const replaced = filled.replaced.data_ptr<float>();
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const auto row = static_cast<std::size_t>(masked.batch.picked_rows[i]);
    filled.batch.tokens.ids[row] = drawn[i];
    replaced[row] = drawn[i] != masked.labels[i] ? 1.0f : 0.0f;
  }
  filled.replaced = filled.replaced.to(device);
  return filled;
}

}  // namespace

Discriminator::Discriminator(const PretrainSettings& settings, TrainModel model, at::Tensor given,
                             std::int64_t steps, Workers& workers)
    : settings_(settings),
      workers_(workers),
      model_(std::move(model)),
      given_(std::move(given)),
      rates_(dropout_rates(model_.info, settings.run)),
      stepper_(model_, settings.optimizer, steps, settings.discriminator_rate, workers) {}

RunOptions Discriminator::options() const {
  RunOptions options{.bf16 = settings_.run.bf16, .checkpointing = settings_.run.checkpointing};
  if (settings_.sharing == EmbeddingSharing::gdes) {
    options.shared = {.difference = model_.weights.encoder.embeddings.word, .given = given_};
  }
  return options;
}

Discriminator::Result Discriminator::run(const Batch& batch, const RunOptions& options,
                                         const at::Tensor& targets, double weight) const {
  Forward forward(model_, options, batch);
  const at::Tensor logits = forward.replaced_token_logits();
  const at::Tensor loss = at::binary_cross_entropy_with_logits(logits, targets);
  if (at::GradMode::is_enabled()) (loss * weight).backward();
  const at::Tensor said = logits.detach().gt(0), there = targets.gt(0.5);
  const double replaced = targets.mean().item<double>();
  const double found = said.logical_and(there).to(at::kFloat).mean().item<double>();
  return {.loss = loss.item<double>(),
          .accuracy = said.eq(there).to(at::kFloat).mean().item<double>(),
          .replaced = replaced,
          .found = replaced > 0 ? found / replaced : 1};
}

Discriminator::Result Discriminator::backward(const MaskedBatch& batch, std::span<const std::int32_t> drawn,
                                              std::uint64_t key, double share) {
  const Filled filled = fill(batch, drawn, device_of(model_));
  stepper_.adam().catch_up(model_.weights.encoder.embeddings.word, filled.batch.tokens.ids);
  if (filled.batch.tokens.ids.empty()) return {};
  RunOptions trained = options();
  trained.dropout = rates_;
  trained.key = own_key(key, workers_);
  trained.by_rows = model_.weights.encoder.embeddings.word;
  const double part = batch.token_share;
  Result result = run(filled.batch, trained, filled.replaced, settings_.rtd_weight * (share * part));
  for (double* number : {&result.loss, &result.accuracy, &result.replaced, &result.found}) *number *= part;
  return result;
}

Discriminator::Result Discriminator::evaluate(const MaskedBatch& batch, std::span<const std::int32_t> drawn) {
  const at::NoGradGuard no_gradients;
  stepper_.adam().catch_up_all();
  const Filled filled = fill(batch, drawn, device_of(model_));
  return run(filled.batch, options(), filled.replaced, 0);
}

at::Tensor Discriminator::effective_table() {
  stepper_.adam().catch_up_all();
  const at::Tensor& word = model_.weights.encoder.embeddings.word;
  return settings_.sharing == EmbeddingSharing::gdes ? word.detach() + given_.detach() : word.detach();
}

}  // namespace berta::train
