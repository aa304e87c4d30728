#include "train/model/lora.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/error.h"
#include "train/model/adapter_folder.h"

namespace berta::train {
namespace {

/// The weights of the encoder's linear layers.
std::set<const void*> linear_weights(const model::EncoderWeights<TorchOps>& encoder) {
  std::set<const void*> weights;
  const auto add = [&](const model::Linear<TorchOps>& linear) {
    weights.insert(linear.weight.unsafeGetTensorImpl());
  };
  const auto add_optional = [&](const std::optional<model::Linear<TorchOps>>& linear) {
    if (linear) add(*linear);
  };
  add_optional(encoder.embeddings.projection);
  for (const auto& layer : encoder.layers) {
    const auto& attention = layer.attention;
    for (const auto* linear : {&attention.query, &attention.key, &attention.value, &attention.output,
                               &layer.intermediate, &layer.output}) {
      add(*linear);
    }
    add_optional(attention.position_key);
    add_optional(attention.position_query);
  }
  return weights;
}

/// PEFT's rule: the whole name or its end.
bool names(const std::string& target, const std::string& module) {
  return module == target || module.ends_with("." + target);
}

/// Which parameters get an adapter.
class Choice {
 public:
  Choice(const TrainModel& model, const LoraSettings& settings)
      : settings_(settings), linear_(linear_weights(model.weights.encoder)) {}

  bool takes(const TrainParameter& parameter) {
    if (!linear_.contains(parameter.tensor.unsafeGetTensorImpl())) return false;
    const std::string module = module_of(parameter.source.name);
    const bool part = parameter.source.part != model::Part::whole;
    if (!part) there_.insert(module.substr(module.rfind('.') + 1));
    bool taken = false;
    for (const std::string& target : settings_.targets) {
      if (!names(target, module)) continue;
      if (part) {
        throw UserError("--lora-targets: '" + target + "' is a joint matrix of query, key and value, which " +
                        "takes no adapter; expected others, as dense, pos_proj, pos_q_proj");
      }
      met_.insert(target);
      taken = true;
    }
    return taken;
  }

  void refuse_unmet() const {
    std::string list;
    for (const std::string& name : there_) list += (list.empty() ? "" : ", ") + name;
    if (settings_.targets.empty()) throw UserError("--lora-targets: expected some of " + list);
    for (const std::string& target : settings_.targets) {
      if (met_.contains(target)) continue;
      throw UserError("--lora-targets: expected names of linear layers of the encoder (" + list +
                      "), found '" + target + "'");
    }
  }

 private:
  const LoraSettings& settings_;
  std::set<const void*> linear_;
  std::set<std::string> there_, met_;
};

/// A and B of a weight, as parameters.
std::pair<TrainParameter, TrainParameter> make_adapter(const TrainParameter& adapted, std::int64_t rank,
                                                       std::uint64_t seed) {
  const auto part = [&](const char* name, const at::Tensor& values) {
    const std::string whole = module_of(adapted.source.name) + name;
    return TrainParameter{.name = whole,
                          .tensor = values.to(adapted.tensor.options()).contiguous().requires_grad_(),
                          .source = {whole},
                          .layer = adapted.layer,
                          .is_new = true,
                          .adapts = true};
  };
  const std::int64_t out = adapted.tensor.size(0), in = adapted.tensor.size(1);
  // torch's kaiming_uniform_ with a = sqrt(5), which PEFT takes.
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  const at::Tensor a =
      at::empty({rank, in}).uniform_(-bound, bound, generator_of(seed, adapted.source.name + ".lora_A"));
  return {part(".lora_A.weight", a), part(".lora_B.weight", at::zeros({out, rank}))};
}

}  // namespace

std::string module_of(const std::string& parameter) {
  return parameter.substr(0, parameter.rfind('.'));
}

void add_adapters(TrainModel& model, const LoraSettings& settings, std::uint64_t seed) {
  if (settings.rank == 0 && settings.adapter.empty()) return;
  const LoraSettings lora = settings.adapter.empty() ? settings : read_adapter_settings(settings);
  Choice choice(model, lora);
  std::vector<TrainParameter> trained;
  for (TrainParameter& parameter : model.parameters) {
    if (parameter.layer > model.info.config.layers) {  // of a head
      trained.push_back(std::move(parameter));
      continue;
    }
    parameter.tensor.requires_grad_(false);
    if (choice.takes(parameter)) {
      auto [a, b] = make_adapter(parameter, lora.rank, seed);
      model.adapters[parameter.tensor.unsafeGetTensorImpl()] = {
          .a = a.tensor, .b = b.tensor, .scale = lora.alpha / static_cast<double>(lora.rank)};
      trained.push_back(std::move(a));
      trained.push_back(std::move(b));
    }
    model.frozen.push_back(std::move(parameter));
  }
  choice.refuse_unmet();
  model.parameters = std::move(trained);
  model.lora = lora;
  if (!settings.adapter.empty()) read_adapter(settings.adapter, model);
}

}  // namespace berta::train
