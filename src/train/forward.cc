#include "train/forward.h"

#include <algorithm>

#include "model/heads.h"
#include "model/mask_decoder.h"

namespace berta::train {
namespace {

model::RelativeRows relative_rows(const model::Config& config, const model::Rows& rows) {
  std::int64_t longest = 1;
  for (std::size_t s = 0; s < rows.sequences(); ++s)
    longest = std::max<std::int64_t>(longest, rows.length(s));
  if (!config.relative.enabled()) return {};
  return {config.relative, longest};
}

}  // namespace

Forward::Forward(const TrainModel& model, const RunOptions& options, const Batch& batch)
    : model_(model),
      batch_(batch),
      ops_(options),
      relative_(relative_rows(model.info.config, batch.tokens.rows)),
      context_{model.info.config, relative_, batch.tokens.rows, batch.tokens.rows} {
  const auto& encoder = model.weights.encoder;
  const model::Config& config = model.info.config;
  positions_.resize(encoder.layers.size());
  if (config.relative.enabled()) {
    const at::Tensor table = model::relative_table(ops_, encoder, config);
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      auto projected = model::project_positions(ops_, encoder.layers[i].attention, config, table);
      positions_[i] = {std::move(projected.key), std::move(projected.query)};
    }
  }
  encoded_ = model::encode<TorchOps>(ops_, encoder, positions_, context_, batch.tokens, {});
}

at::Tensor Forward::sequence_logits() {
  return model::classify_sequences(ops_, model_.weights.heads, model_.info.config, encoded_.last,
                                   batch_.tokens.rows);
}

at::Tensor Forward::token_logits() {
  return model::classify_tokens(ops_, model_.weights.heads, encoded_.last);
}

at::Tensor Forward::answer_logits() {
  return ops_.linear(encoded_.last, *model_.weights.heads.answer);
}

at::Tensor Forward::replaced_token_logits() {
  return model::replaced_token_logits(ops_, *model_.weights.heads.replaced_token,
                                      model_.info.config.activation, encoded_.last, batch_.tokens.rows)
      .squeeze(1);
}

at::Tensor Forward::mask_features(bool enhanced) {
  const auto& head = *model_.weights.heads.language_model;
  const model::Context context{model_.info.config, relative_, batch_.picked, batch_.tokens.rows};
  const at::Tensor z = enhanced ? model::decode_masked(ops_, model_.weights.encoder, positions_.back(),
                                                       context, encoded_.before_last, batch_.picked_rows)
                                : ops_.select(encoded_.last, batch_.picked_rows);
  return model::language_model_features(ops_, head, model_.info.config.activation, z);
}

at::Tensor Forward::mask_logits(bool enhanced) {
  const auto& head = *model_.weights.heads.language_model;
  return ops_.tied_logits(mask_features(enhanced),
                          head.decoder ? *head.decoder : model_.weights.encoder.embeddings.word, head.bias);
}

}  // namespace berta::train
