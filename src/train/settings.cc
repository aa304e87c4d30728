#include "train/settings.h"

#include <charconv>

#include "train/settings_facts.h"

namespace berta::train {
namespace {

std::string text_of(double number) {
  std::array<char, 64> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), result.ptr};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

const char* name_of(ScheduleKind kind) {
  constexpr const char* kNames[] = {"linear", "cosine", "constant", "microsoft-linear"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

const char* name_of(Task task) {
  constexpr const char* kNames[] = {"classification", "regression", "multi-label", "token", "qa",
                                    "choice",         "rerank",     "reward"};
  return kNames[static_cast<std::size_t>(task)];
}

void add_facts(SettingFacts& facts, const RunSettings& run) {
  facts.emplace_back("batch_size", std::to_string(run.batch_size));
  facts.emplace_back("accumulation", std::to_string(run.accumulation));
  facts.emplace_back("max_steps", std::to_string(run.max_steps));
  facts.emplace_back("seed", std::to_string(run.seed));
  facts.emplace_back("bf16", run.bf16 ? "true" : "false");
  facts.emplace_back("dropout", text_of(run.dropout));
}

void add_facts(SettingFacts& facts, const OptimizerSettings& optimizer) {
  facts.emplace_back("optimizer", optimizer.kind == Optimizer::adamw ? "adamw" : "xadam");
  facts.emplace_back("learning_rate", text_of(optimizer.learning_rate));
  facts.emplace_back("weight_decay", text_of(optimizer.weight_decay));
  facts.emplace_back("betas", text_of(optimizer.beta1) + ", " + text_of(optimizer.beta2));
  facts.emplace_back("epsilon", text_of(optimizer.epsilon));
  facts.emplace_back("clip", text_of(optimizer.clip));
  facts.emplace_back("layer_decay", text_of(optimizer.layer_decay));
  facts.emplace_back("schedule", name_of(optimizer.schedule));
  facts.emplace_back("warmup", text_of(optimizer.warmup));
  facts.emplace_back("end_rate", text_of(optimizer.end));
}

SettingFacts facts_of(const FinetuneSettings& settings) {
  SettingFacts facts = {{"task", name_of(settings.task)},
                        {"model", settings.model},
                        {"train", joined(settings.train)},
                        {"dev", joined(settings.dev)},
                        {"dev_share", text_of(settings.dev_share)},
                        {"folds", std::to_string(settings.folds)},
                        {"fold", std::to_string(settings.fold)},
                        {"weight_column", settings.columns.weight},
                        {"labels", joined(settings.labels)},
                        {"max_length", std::to_string(settings.max_length)},
                        {"max_samples", std::to_string(settings.max_samples)},
                        {"epochs", std::to_string(settings.epochs)},
                        {"evaluate_steps", std::to_string(settings.evaluate_steps)},
                        {"patience", std::to_string(settings.patience)},
                        {"metric", settings.metric},
                        {"label_smoothing", text_of(settings.label_smoothing)},
                        {"focal_gamma", text_of(settings.focal_gamma)},
                        {"ema_decay", text_of(settings.ema_decay)},
                        {"classifier_dropout", text_of(settings.classifier_dropout)},
                        {"sift_weight", text_of(settings.sift.weight)},
                        {"sift_step", text_of(settings.sift.step)},
                        {"sift_start", text_of(settings.sift.start)},
                        {"lora_rank", std::to_string(settings.lora.rank)},
                        {"lora_alpha", text_of(settings.lora.alpha)},
                        {"lora_dropout", text_of(settings.lora.dropout)},
                        {"lora_targets", joined(settings.lora.targets)},
                        {"adapter", settings.lora.adapter}};
  add_facts(facts, settings.run);
  add_facts(facts, settings.optimizer);
  return facts;
}

SettingFacts facts_of(const PretrainSettings& settings) {
  constexpr const char* kSharing[] = {"gdes", "es", "none"};
  SettingFacts facts = {{"objective", settings.objective == Objective::mlm ? "mlm" : "rtd"},
                        {"corpus", settings.corpus},
                        {"config", settings.config},
                        {"model", settings.model},
                        {"generator", settings.generator},
                        {"mlm_decoder", settings.enhanced_decoder ? "emd" : "plain"},
                        {"embedding_sharing", kSharing[static_cast<std::size_t>(settings.sharing)]},
                        {"rtd_weight", text_of(settings.rtd_weight)},
                        {"decoupled", settings.decoupled ? "true" : "false"},
                        {"discriminator_rate", text_of(settings.discriminator_rate)},
                        {"max_length", std::to_string(settings.max_length)},
                        {"whole_documents", settings.whole_documents ? "true" : "false"},
                        {"mask_rate", text_of(settings.mask_rate)},
                        {"max_ngram", std::to_string(settings.max_ngram)},
                        {"keep", text_of(settings.keep)},
                        {"random", text_of(settings.random)},
                        {"token_drop", text_of(settings.token_drop)},
                        {"evaluate_steps", std::to_string(settings.evaluate_steps)},
                        {"evaluate_chunks", std::to_string(settings.evaluate_chunks)}};
  add_facts(facts, settings.run);
  add_facts(facts, settings.optimizer);
  return facts;
}

}  // namespace berta::train
