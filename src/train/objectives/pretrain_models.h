#pragma once

#include "tokenizer/tokenizer.h"
#include "train/model/train_model.h"

namespace berta::train {

struct PretrainSettings;

/// The model of mlm: of settings.model, or new from settings.config. Throws UserError.
TrainModel masked_model(const PretrainSettings& settings, const tokenizer::Tokenizer& tokenizer);

/// Generator and discriminator of rtd.
struct RtdModels {
  TrainModel generator, discriminator;
};

/// From settings.generator and settings.model, or new from settings.config: Microsoft's form with both, or
/// one model, whose generator has half its layers. The discriminator's word embedding is what
/// settings.sharing makes of it: with gdes the difference to the generator's, with es the generator's itself
/// and no parameter. Throws UserError.
RtdModels rtd_models(const PretrainSettings& settings, const tokenizer::Tokenizer& tokenizer);

}  // namespace berta::train
