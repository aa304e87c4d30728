#include "train/model/adapter_folder.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "core/error.h"
#include "infer/weight_loader.h"
#include "io/atomic_file.h"
#include "io/checkpoint.h"
#include "io/folder.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "train/model/lora.h"

namespace berta::train {
namespace {

using io::Json;

constexpr const char* kConfig = "adapter_config.json";
constexpr const char* kWeights = "adapter_model.safetensors";
constexpr const char* kPrefix = "base_model.model.";

/// How a model with a head in `transformers` names the tensor: what a file calls the backbone may differ.
std::string peft_name(const TrainModel& model, const TrainParameter& parameter) {
  const bool bert = model.info.dialect == infer::Dialect::bert;
  const std::string backbone = bert ? "bert." : "deberta.";
  const std::string& name = parameter.source.name;
  const infer::ModelInfo& info = model.info;
  const auto without = [&](const std::string& prefix) {
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  };
  if (parameter.layer <= info.config.layers) return kPrefix + backbone + without(info.prefix.backbone);
  if (!bert) return kPrefix + without(info.prefix.heads);
  const std::string head = without(info.prefix.backbone);
  return kPrefix + (head.starts_with("pooler.") ? backbone + head : without(info.prefix.heads));
}

/// "classifier" of "base_model.model.classifier.weight", "pooler" of that of its layer.
std::string saved_module(const std::string& name) {
  std::string module = module_of(name.substr(std::string(kPrefix).size()));
  if (module.starts_with("bert.")) module = module.substr(5);
  return module.substr(0, module.find('.'));
}

Json task_type(const std::string& architecture) {
  constexpr std::pair<const char*, const char*> kTypes[] = {{"ForSequenceClassification", "SEQ_CLS"},
                                                            {"ForTokenClassification", "TOKEN_CLS"},
                                                            {"ForQuestionAnswering", "QUESTION_ANS"}};
  for (const auto& [name, type] : kTypes) {
    if (architecture == name) return Json(std::string(type));
  }
  return {};
}

Json texts(const std::vector<std::string>& words) {
  Json::Array array;
  for (const std::string& word : words) array.emplace_back(word);
  return Json(std::move(array));
}

std::string config_text(const TrainModel& model, const std::string& architecture) {
  std::vector<std::string> modules;
  for (const TrainParameter& parameter : model.parameters) {
    if (parameter.adapts) continue;
    const std::string module = saved_module(peft_name(model, parameter));
    if (std::find(modules.begin(), modules.end(), module) == modules.end()) modules.push_back(module);
  }
  Json::Object object;
  object.emplace_back("peft_type", Json(std::string("LORA")));
  object.emplace_back("task_type", task_type(architecture));
  object.emplace_back("base_model_name_or_path", Json(model.folder));
  object.emplace_back("r", Json(model.lora.rank));
  object.emplace_back("lora_alpha", Json(model.lora.alpha));
  object.emplace_back("lora_dropout", Json(model.lora.dropout));
  object.emplace_back("target_modules", texts(model.lora.targets));
  object.emplace_back("modules_to_save", texts(modules));
  object.emplace_back("bias", Json(std::string("none")));
  object.emplace_back("inference_mode", Json(true));
  std::string text;
  io::append_json(text, Json(std::move(object)));
  return text + "\n";
}

/// Kinds of adapters that Berta has not: keys that must be missing, null, false, 0 or empty.
void refuse_other_kinds(const Json& config, const std::string& file) {
  const Json* type = config.find("peft_type");
  if (type == nullptr || !type->is_string() || type->as_string("") != "LORA") {
    throw UserError(file + ": key 'peft_type': expected LORA");
  }
  for (const char* key : {"use_dora", "use_rslora", "use_qalora", "use_bdlora", "lora_bias", "fan_in_fan_out",
                          "rank_pattern", "alpha_pattern", "exclude_modules", "layers_to_transform",
                          "layer_replication", "target_parameters", "trainable_token_indices",
                          "alora_invocation_tokens", "arrow_config", "kasa_config", "monteclora_config"}) {
    const Json* value = config.find(key);
    if (value == nullptr || value->is_null()) continue;
    if (value->is_bool() && !value->as_bool(key)) continue;
    if (value->is_object() && value->as_object(key).empty()) continue;
    if (value->is_array() && value->as_array(key).empty()) continue;
    throw UserError(file + ": key '" + key + "': expected a plain LoRA adapter, found one of another kind");
  }
  const Json* bias = config.find("bias");
  if (bias != nullptr && bias->as_string(file + ": key 'bias'") != "none") {
    throw UserError(file + ": key 'bias': expected none, found " + bias->as_string(""));
  }
}

const Json& wanted(const Json& config, const char* key, const std::string& file) {
  const Json* value = config.find(key);
  if (value == nullptr) throw UserError(file + ": expected a key '" + key + "', found none");
  return *value;
}

/// The tensor of the file into the parameter's. Throws UserError.
void copy(const io::CheckpointTensor& from, const TrainParameter& parameter, const model::Config& config) {
  at::Tensor values = at::empty(parameter.tensor.sizes(), at::kFloat);
  if (!is_floating(from.view.dtype)) {
    throw UserError(infer::describe(from) + ": expected floating-point numbers, found " +
                    std::string(name_of(from.view.dtype)));
  }
  ops::read(infer::stored_part({&from, model::Part::whole}, config), 0,
            std::span(values.data_ptr<float>(), static_cast<std::size_t>(values.numel())));
  const at::NoGradGuard no_gradients;
  parameter.tensor.detach().copy_(values);
}

}  // namespace

void write_adapter(const std::string& folder, const TrainModel& model, const std::string& architecture) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw UserError(folder + ": cannot create: " + error.message());
  std::vector<at::Tensor> kept;
  std::vector<io::NamedTensor> tensors;
  for (const TrainParameter& parameter : model.parameters) {
    kept.push_back(parameter.tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    const auto* data = static_cast<const std::byte*>(kept.back().const_data_ptr());
    tensors.push_back({peft_name(model, parameter), {DType::f32, kept.back().sizes().vec(), data}});
  }
  io::write_safetensors(io::join(folder, kWeights), tensors, {{"format", "pt"}});
  io::write_file(io::join(folder, kConfig), config_text(model, architecture));
}

LoraSettings read_adapter_settings(const LoraSettings& settings) {
  const std::string file = io::join(settings.adapter, kConfig);
  const Json config = io::read_json(file);
  refuse_other_kinds(config, file);
  LoraSettings found = settings;
  found.rank = wanted(config, "r", file).as_integer(file + ": key 'r'");
  found.alpha = wanted(config, "lora_alpha", file).as_number(file + ": key 'lora_alpha'");
  if (found.rank < 1) throw UserError(file + ": key 'r': expected at least 1");
  if (settings.rank > 0 && settings.rank != found.rank) {
    throw UserError(file + ": expected the rank of --lora-rank, " + std::to_string(settings.rank) +
                    ", found " + std::to_string(found.rank));
  }
  found.targets.clear();
  const std::string where = file + ": key 'target_modules'";
  for (const Json& target : wanted(config, "target_modules", file).as_array(where)) {
    found.targets.push_back(target.as_string(where));
  }
  return found;
}

void read_adapter(const std::string& folder, TrainModel& model) {
  const io::Checkpoint file = io::Checkpoint::open(io::join(folder, kWeights));
  std::set<std::string> read;
  for (const TrainParameter& parameter : model.parameters) {
    const std::string name = peft_name(model, parameter);
    const io::CheckpointTensor* tensor = file.find(name);
    if (tensor == nullptr) {
      if (!parameter.adapts) continue;  // a head that the adapter was not trained with
      throw UserError(io::join(folder, kWeights) + ": expected a tensor '" + name + "', found none");
    }
    read.insert(name);
    const Shape shape = parameter.tensor.sizes().vec();
    if (tensor->view.shape == shape) {
      copy(*tensor, parameter, model.info.config);
    } else if (parameter.adapts || !saved_module(name).starts_with("classifier")) {
      throw UserError(tensor->file + ": tensor '" + name + "': expected shape " + to_string(shape) +
                      ", found " + to_string(tensor->view.shape));
    }
  }
  for (const io::CheckpointTensor& tensor : file.tensors()) {
    if (read.contains(tensor.name) || tensor.name.find(".lora_") == std::string::npos) continue;
    throw UserError(tensor.file + ": tensor '" + tensor.name + "': the model has no such layer");
  }
}

}  // namespace berta::train
