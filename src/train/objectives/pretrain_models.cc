#include "train/objectives/pretrain_models.h"

#include <algorithm>

#include "core/error.h"
#include "io/checkpoint.h"
#include "io/json.h"
#include "train/objectives/masked_model.h"
#include "train/run/device.h"
#include "train/settings.h"

namespace berta::train {
namespace {

using io::Json;

/// The config with vocab_size, which is the tokenizer's where the config does not say it.
infer::ModelInfo new_info(const Json& config, const std::string& path,
                          const tokenizer::Tokenizer& tokenizer) {
  Json::Object object = config.as_object(path);
  std::erase_if(object, [](const auto& entry) {
    return entry.first == "vocab_size" &&
           (!entry.second.is_integer() || entry.second.as_integer("vocab_size") < 0);
  });
  const auto said = std::find_if(object.begin(), object.end(),
                                 [](const auto& entry) { return entry.first == "vocab_size"; });
  const auto size = static_cast<std::int64_t>(tokenizer.size());
  if (said == object.end()) object.emplace_back("vocab_size", Json(size));
  infer::ModelInfo info = infer::read_new_config(Json(std::move(object)), path);
  if (info.config.embeddings.vocabulary < size) {
    throw UserError(path + ": key 'vocab_size': expected at least the tokenizer's " + std::to_string(size) +
                    ", found " + std::to_string(info.config.embeddings.vocabulary));
  }
  return info;
}

infer::ModelInfo info_of(const std::string& folder) {
  return infer::read_config(folder, io::Checkpoint::open(folder));
}

Json read_config_file(const PretrainSettings& settings) {
  if (settings.config.empty()) throw UserError("expected --config FILE, or folders to go on from");
  return io::read_json(settings.config);
}

/// The generator of a model: the same with half the layers (section 3 of DeBERTaV3), and two at least, as its
/// decoder asks.
Json halved(const Json& config, const std::string& path) {
  const Json* layers = config.find("num_hidden_layers");
  if (layers == nullptr) throw UserError(path + ": expected a key 'num_hidden_layers', found none");
  const std::int64_t half =
      std::max<std::int64_t>(layers->as_integer(path + ": key 'num_hidden_layers'") / 2, 2);
  Json::Object object;
  for (const auto& [key, value] : config.as_object(path)) {
    if (key != "num_hidden_layers") object.emplace_back(key, value);
  }
  object.emplace_back("num_hidden_layers", Json(half));
  return Json(std::move(object));
}

ModelPlan discriminator_plan(const PretrainSettings& settings) {
  // Of another seed: its layers shall not begin as copies of the generator's.
  return {.heads = {.replaced_token = true},
          .seed = settings.run.seed + 1,
          .device = training_device(settings.run.device),
          .plain = settings.run.plain_forms};
}

/// Makes the discriminator's word embedding what the settings say.
void share_embeddings(const PretrainSettings& settings, RtdModels& models, bool is_new) {
  at::Tensor& word = models.discriminator.weights.encoder.embeddings.word;
  const at::Tensor& given = models.generator.weights.encoder.embeddings.word;
  if (settings.sharing == EmbeddingSharing::none) return;
  if (word.sizes() != given.sizes()) {
    throw UserError(
        "the generator and the discriminator cannot share a word embedding: expected one shape, found " +
        std::to_string(given.size(0)) + " x " + std::to_string(given.size(1)) + " and " +
        std::to_string(word.size(0)) + " x " + std::to_string(word.size(1)));
  }
  const at::NoGradGuard no_gradients;
  if (settings.sharing == EmbeddingSharing::gdes) {
    // A saved discriminator holds the sum of both.
    if (is_new) {
      word.zero_();
    } else {
      word.sub_(given);
    }
    return;
  }
  // Decoupled, Microsoft's discriminator gives the generator's table a gradient that nobody takes:
  // DistributedTrainer._train_step drops the generator's gradients before its backward pass and before its
  // post_loss_fn, which runs the discriminator, whose optimizer does not hold the table
  // (training/trainer.py and apps/tasks/rtd_task.py of microsoft/DeBERTa 4d7fe0b). So it is not computed.
  const at::Tensor shared = settings.decoupled ? given.detach() : given;
  std::vector<TrainParameter>& own = models.discriminator.parameters;
  const auto found =
      std::find_if(own.begin(), own.end(), [&](const auto& one) { return one.tensor.is_same(word); });
  check_internal(found != own.end(), "the discriminator has no word embedding");
  found->tensor = word = shared;
  models.discriminator.borrowed.push_back(*found);
  own.erase(found);
}

}  // namespace

TrainModel masked_model(const PretrainSettings& settings, const tokenizer::Tokenizer& tokenizer) {
  if (!settings.model.empty()) {
    infer::ModelInfo info = info_of(settings.model);
    const ModelPlan plan = masked_model_plan(settings, info);
    return load_model(settings.model, plan, std::move(info));
  }
  infer::ModelInfo info = new_info(read_config_file(settings), settings.config, tokenizer);
  const ModelPlan plan = masked_model_plan(settings, info);
  return make_model(plan, std::move(info));
}

RtdModels rtd_models(const PretrainSettings& settings, const tokenizer::Tokenizer& tokenizer) {
  RtdModels models;
  const bool is_new = settings.model.empty();
  if (settings.model.empty() != settings.generator.empty()) {
    throw UserError(
        "to go on with rtd, expected both --model (the discriminator) and --generator, found one");
  }
  if (!is_new) {
    infer::ModelInfo generator = info_of(settings.generator);
    const ModelPlan plan = masked_model_plan(settings, generator);
    models.generator = load_model(settings.generator, plan, std::move(generator));
    models.discriminator = load_model(settings.model, discriminator_plan(settings), info_of(settings.model));
  } else {
    const Json config = read_config_file(settings);
    const Json* generator = config.find("generator");
    const Json* discriminator = config.find("discriminator");
    const bool both = generator != nullptr && generator->is_object() && discriminator != nullptr &&
                      discriminator->is_object();
    infer::ModelInfo small =
        new_info(both ? *generator : halved(config, settings.config), settings.config, tokenizer);
    const ModelPlan plan = masked_model_plan(settings, small);
    models.generator = make_model(plan, std::move(small));
    models.discriminator = make_model(discriminator_plan(settings),
                                      new_info(both ? *discriminator : config, settings.config, tokenizer));
  }
  share_embeddings(settings, models, is_new);
  return models;
}

}  // namespace berta::train
