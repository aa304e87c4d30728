#include "train/model/forward.h"

#include <algorithm>

#include "model/heads.h"
#include "model/mask_decoder.h"

namespace berta::train {
namespace {

model::RelativeRows relative_rows(const model::Config& config, const model::Rows& rows) {
  if (!config.relative.enabled()) return {};
  std::int64_t reach = 1;
  for (const std::int32_t position : rows.positions) reach = std::max<std::int64_t>(reach, position + 1);
  return {config.relative, reach};
}

/// With what the model itself says.
RunOptions completed(RunOptions options, const TrainModel& model) {
  options.adapters = model.adapters.empty() ? nullptr : &model.adapters;
  if (model.plain) {
    options.plain = true;
    options.by_rows = at::Tensor();
  }
  return options;
}

}  // namespace

Forward::Forward(const TrainModel& model, const RunOptions& options, const Batch& batch, NeededRows needed)
    : model_(model),
      batch_(batch),
      ops_(completed(options, model)),
      relative_(relative_rows(model.info.config, batch.tokens.rows)),
      context_{model.info.config, relative_, batch.tokens.rows, batch.tokens.rows},
      needed_(needed) {
  project_positions();
  const auto& encoder = model.weights.encoder;
  const std::size_t layers = encoder.layers.size();
  // With one layer the convolution reads all of its rows, so nothing can be left out.
  if (needed == NeededRows::all || layers < 2) {
    auto encoded = model::encode<TorchOps>(ops_, encoder, positions_, context_, batch.tokens, {});
    before_last_ = std::move(encoded.before_last);
    hidden_ = std::move(encoded.last);
    needed_ = NeededRows::all;
    return;
  }
  before_last_ =
      model::encode_layers<TorchOps>(ops_, encoder, positions_, context_, batch.tokens, {{}, layers - 1})
          .last;
  if (needed == NeededRows::masked) return;
  find_asked();
  const model::Context context{model.info.config, relative_, asked_, batch.tokens.rows};
  hidden_ = model::last_layer_rows(ops_, encoder, positions_.back(), context, before_last_, indexes_);
}

void Forward::project_positions() {
  const auto& encoder = model_.weights.encoder;
  const model::Config& config = model_.info.config;
  positions_.resize(encoder.layers.size());
  if (!config.relative.enabled()) return;
  const model::TableRows used = relative_.used();
  const at::Tensor table = model::relative_table(ops_, encoder, used);
  relative_ = relative_.counted_from(used.first);
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    auto projected = model::project_positions(ops_, encoder.layers[i].attention, config, table);
    positions_[i] = {std::move(projected.key), std::move(projected.query)};
  }
}

void Forward::find_asked() {
  if (needed_ == NeededRows::picked) {
    asked_ = batch_.picked;
    indexes_ = batch_.picked_rows;
    return;
  }
  indexes_ = model::first_rows(batch_.tokens.rows);
  for (std::size_t s = 0; s < indexes_.size(); ++s)
    asked_.append(batch_.tokens.rows.positions_of(s).first(1));
}

at::Tensor Forward::rows_of_last(const std::vector<std::int32_t>& rows) {
  return needed_ == NeededRows::all ? ops_.select(hidden_, rows) : hidden_;
}

at::Tensor Forward::sequence_logits() {
  return model::classify_sequences(ops_, model_.weights.heads, model_.info.config,
                                   rows_of_last(model::first_rows(batch_.tokens.rows)));
}

at::Tensor Forward::token_logits() {
  return model::classify_tokens(ops_, model_.weights.heads, hidden_);
}

at::Tensor Forward::answer_logits() {
  return ops_.linear(hidden_, *model_.weights.heads.answer);
}

at::Tensor Forward::replaced_token_logits() {
  return model::replaced_token_logits(ops_, *model_.weights.heads.replaced_token,
                                      model_.info.config.activation, hidden_, batch_.tokens.rows)
      .squeeze(1);
}

at::Tensor Forward::decoded_masks() {
  const model::Context context{model_.info.config, relative_, batch_.picked, batch_.tokens.rows};
  return model::decode_masked(ops_, model_.weights.encoder, positions_.back(), context, before_last_,
                              batch_.picked_rows);
}

at::Tensor Forward::mask_features() {
  const at::Tensor z = needed_ == NeededRows::masked ? decoded_masks() : rows_of_last(batch_.picked_rows);
  return model::language_model_features(ops_, *model_.weights.heads.language_model,
                                        model_.info.config.activation, z);
}

at::Tensor Forward::mask_logits() {
  const auto& head = *model_.weights.heads.language_model;
  return ops_.tied_logits(mask_features(),
                          head.decoder ? *head.decoder : model_.weights.encoder.embeddings.word, head.bias);
}

}  // namespace berta::train
