#include "train/objectives/masked_model.h"

#include <algorithm>

#include "kernels/dropout.h"
#include "train/optim/rates.h"
#include "train/run/device.h"

namespace berta::train {
namespace {

/// Where positions are added to the input nobody needs the decoder.
bool decodes(const PretrainSettings& settings, const infer::ModelInfo& info) {
  return settings.enhanced_decoder && !info.config.embeddings.add_positions && info.config.layers >= 2 &&
         info.config.embeddings.size == info.config.hidden_size;
}

}  // namespace

ModelPlan masked_model_plan(const PretrainSettings& settings, const infer::ModelInfo& info) {
  const bool enhanced = decodes(settings, info);
  return {.heads = {.language_model = true, .microsoft_language_model = enhanced},
          .with_positions = enhanced,
          .seed = settings.run.seed,
          .device = training_device(settings.run.device),
          .plain = settings.run.plain_forms};
}

MaskedModel::MaskedModel(const PretrainSettings& settings, TrainModel model, std::int64_t steps,
                         Workers& workers)
    : settings_(settings),
      workers_(workers),
      model_(std::move(model)),
      rates_(dropout_rates(model_.info, settings.run)),
      stepper_(model_, settings.optimizer, steps, 0, workers) {}

NeededRows MaskedModel::needed_rows() const {
  return decodes(settings_, model_.info) ? NeededRows::masked : NeededRows::picked;
}

at::Tensor MaskedModel::loss(Forward& forward, const MaskedBatch& batch, std::optional<std::uint64_t> seed,
                             TiedLossFacts& facts) const {
  return tied_loss({.features = forward.mask_features(),
                    .table = word_table(),
                    .bias = model_.weights.heads.language_model->bias,
                    .labels = at::tensor(batch.labels, at::kLong).to(device_of(model_)),
                    .bf16 = settings_.run.bf16,
                    .first = batch.first_gap},
                   seed, facts);
}

MaskedModel::Result MaskedModel::result(const at::Tensor& loss, TiedLossFacts facts,
                                        const MaskedBatch& batch) {
  const auto count = static_cast<double>(std::max<std::size_t>(batch.labels.size(), 1));
  return {loss.item<double>() * batch.gap_share, static_cast<double>(facts.correct) / count * batch.gap_share,
          std::move(facts.drawn)};
}

MaskedModel::Result MaskedModel::backward(const MaskedBatch& batch, std::uint64_t key, double share,
                                          bool draws) {
  stepper_.adam().catch_up(word_table(), batch.batch.tokens.ids);
  if (batch.batch.tokens.ids.empty()) return {};
  const RunOptions options{.bf16 = settings_.run.bf16,
                           .checkpointing = settings_.run.checkpointing,
                           .dropout = rates_,
                           .key = own_key(key, workers_),
                           .by_rows = word_table()};
  TiedLossFacts facts;
  Forward forward(model_, options, batch.batch, needed_rows());
  const at::Tensor value =
      loss(forward, batch, draws ? std::optional(kernels::mix(key)) : std::nullopt, facts);
  (value * (share * batch.gap_share)).backward();
  return result(value.detach(), std::move(facts), batch);
}

MaskedModel::Result MaskedModel::evaluate(const MaskedBatch& batch, std::uint64_t key, bool draws) {
  const at::NoGradGuard no_gradients;
  stepper_.adam().catch_up_all();
  TiedLossFacts facts;
  Forward forward(model_, {.bf16 = settings_.run.bf16}, batch.batch, needed_rows());
  const at::Tensor value =
      loss(forward, batch, draws ? std::optional(kernels::mix(key)) : std::nullopt, facts);
  return result(value, std::move(facts), batch);
}

}  // namespace berta::train
