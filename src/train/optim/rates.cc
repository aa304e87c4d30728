#include "train/optim/rates.h"

#include <optional>

#include "core/error.h"

namespace berta::train {
namespace {

std::optional<double> find_rate(const io::Json& json, const std::string& path, const char* key) {
  const io::Json* value = json.find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  const std::string what = path + ": key '" + key + "'";
  const double rate = value->as_number(what);
  if (!(rate >= 0 && rate < 1)) throw UserError(what + ": expected a rate of at least 0 and below 1");
  return rate;
}

}  // namespace

DropoutRates dropout_rates(const infer::ModelInfo& info, const RunSettings& run) {
  const auto rate = [&](const char* key) { return find_rate(info.json, info.path, key); };
  DropoutRates rates{.hidden = rate("hidden_dropout_prob").value_or(0.1),
                     .attention = rate("attention_probs_dropout_prob").value_or(0.1),
                     .pooler = rate("pooler_dropout").value_or(0)};
  if (const io::Json* pooling = info.json.find("pooling")) {
    rates.pooler = find_rate(*pooling, info.path, "dropout").value_or(rates.pooler);
  }
  if (run.dropout >= 0) rates.hidden = rates.attention = run.dropout;
  rates.classifier = rates.hidden;
  for (const char* key : {"cls_dropout", "cls_drop_out"}) {
    if (run.dropout < 0) rates.classifier = rate(key).value_or(rates.classifier);
  }
  return rates;
}

DropoutRates dropout_rates(const infer::ModelInfo& info, const FinetuneSettings& settings) {
  DropoutRates rates = dropout_rates(info, settings.run);
  if (settings.classifier_dropout >= 0) rates.classifier = settings.classifier_dropout;
  rates.adapter = settings.lora.dropout;
  return rates;
}

}  // namespace berta::train
