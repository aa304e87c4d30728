#include "train/model/train_model.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "infer/checkpoint_facts.h"
#include "infer/weight_loader.h"
#include "io/checkpoint.h"
#include "io/safetensors.h"
#include "kernels/dropout.h"

namespace berta::train {
namespace {

/// Of a parameter's name, the same on every machine (FNV-1a).
std::uint64_t name_hash(const std::string& name) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

/// For ParameterVisitor: makes each parameter a leaf, read from the checkpoint or new.
class ParameterMaker {
 public:
  /// `finder` may be null: nothing to read.
  ParameterMaker(TrainModel& model, const ModelPlan& plan, infer::TensorFinder* finder)
      : model_(model), plan_(plan), finder_(finder), range_(initializer_range(model.info)) {}

  void operator()(at::Tensor& parameter, const model::Parameter& wanted) const {
    const bool refused = plan_.new_classifier &&
                         wanted.sources.front().name.starts_with(model_.info.prefix.heads + "classifier.");
    const bool there = finder_ != nullptr && finder_->has(wanted) && !refused;
    TrainParameter entry{.name = {}, .tensor = {}, .source = own_source(wanted), .layer = layer_of(wanted)};
    if (there) {
      const infer::FoundTensor found = finder_->find(wanted);
      entry.source = {found.tensor->name, found.part};
      entry.tensor = read(found, wanted);
    } else {
      refuse_missing_backbone(wanted);
      entry.tensor = make(wanted);
      entry.is_new = true;
    }
    entry.name = entry.source.name + suffix_of(entry.source.part);
    // What V1 has not stays zero.
    const bool trained = entry.source.part != model::Part::zero;
    entry.tensor = entry.tensor.to(plan_.device, plan_.type).contiguous().requires_grad_(trained);
    parameter = entry.tensor;
    if (entry.is_new) model_.made.push_back(entry.name);
    if (trained) model_.parameters.push_back(std::move(entry));
  }

 private:
  static std::string suffix_of(model::Part part) {
    constexpr const char* kSuffixes[] = {"", "#query", "#key", "#value", "#zero"};
    return kSuffixes[static_cast<std::size_t>(part)];
  }

  /// The name that `transformers` gives a new parameter: V1's self-attention has names of its own, the last
  /// of the list.
  model::Source own_source(const model::Parameter& wanted) const {
    const bool v1 = model_.info.dialect == infer::Dialect::deberta &&
                    wanted.sources.front().name.find(".attention.self.") != std::string::npos;
    // A head that the mask decoder feeds has Microsoft's names, a plain one those of `transformers`.
    const bool legacy = !plan_.heads.microsoft_language_model && wanted.sources.size() > 1 &&
                        wanted.sources[1].name.find("cls.predictions.") != std::string::npos;
    return v1 ? wanted.sources.back() : wanted.sources[legacy ? 1 : 0];
  }

  std::int64_t layer_of(const model::Parameter& wanted) const {
    const std::string& name = wanted.sources.front().name;
    constexpr std::string_view kLayer = "encoder.layer.";
    if (const std::size_t at = name.find(kLayer); at != std::string::npos)
      return 1 + std::stoll(name.substr(at + kLayer.size()));
    const bool backbone =
        name.find("embeddings.") != std::string::npos || name.find("encoder.") != std::string::npos;
    return backbone ? 0 : model_.info.config.layers + 1;
  }

  /// Heads may be new, a backbone of a checkpoint not.
  void refuse_missing_backbone(const model::Parameter& wanted) const {
    if (finder_ == nullptr) return;
    const bool head = layer_of(wanted) > model_.info.config.layers;
    const bool positions = wanted.sources.front().name.find("position_embeddings") != std::string::npos;
    if (!head && !positions) finder_->find(wanted);  // throws, naming it
  }

  Shape shape_of(const model::Parameter& wanted) const {
    Shape shape = wanted.shape;
    const model::Embeddings& embeddings = model_.info.config.embeddings;
    const bool positions = wanted.sources.front().name.find("position_embeddings") != std::string::npos;
    for (std::int64_t& extent : shape) {
      if (extent < 0) extent = positions ? embeddings.max_positions : embeddings.vocabulary;
    }
    return shape;
  }

  at::Tensor read(const infer::FoundTensor& found, const model::Parameter& wanted) const {
    if (found.part == model::Part::zero) return at::zeros(shape_of(wanted));
    Shape shape = found.tensor->view.shape;
    if (found.part != model::Part::whole) shape[0] /= 3;
    at::Tensor tensor = at::empty(shape, at::kFloat);
    ops::read(infer::stored_part(found, model_.info.config), 0,
              std::span(tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())));
    finder_->release(found);
    return tensor;
  }

  at::Tensor make(const model::Parameter& wanted) const {
    const std::string& name = wanted.sources.front().name;
    const Shape shape = shape_of(wanted);
    if (name.ends_with("LayerNorm.weight")) return at::ones(shape);
    if (shape.size() < 2) return at::zeros(shape);
    return at::empty(shape).normal_(0, range_, generator_of(plan_.seed, name));
  }

  TrainModel& model_;
  const ModelPlan& plan_;
  infer::TensorFinder* finder_;
  double range_;
};

TrainModel build(const ModelPlan& plan, infer::ModelInfo info, infer::TensorFinder* finder) {
  TrainModel model;
  model.info = std::move(info);
  model.heads = plan.heads;
  model.plain = plan.plain || !plan.device.is_cpu();
  model.has_positions = plan.with_positions || model.info.config.embeddings.add_positions;
  model::ParameterVisitor<TorchOps, ParameterMaker> visitor(model.info.config, model.info.prefix,
                                                            ParameterMaker(model, plan, finder));
  visitor.encoder(model.weights.encoder, model.has_positions);
  visitor.heads(model.weights.heads, plan.heads);
  return model;
}

/// A tensor of the file, of one parameter or of the parts that share it.
struct SavedTensor {
  std::string name;
  std::vector<const TrainParameter*> parts;
};

/// The name under which `transformers` looks for a tensor of Microsoft's language model head; empty for
/// others.
std::string legacy_name(const std::string& name) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"lm_predictions.lm_head.dense.", "cls.predictions.transform.dense."},
      {"lm_predictions.lm_head.LayerNorm.", "cls.predictions.transform.LayerNorm."},
      {"lm_predictions.lm_head.", "cls.predictions."}};
  for (const auto& [microsoft, legacy] : kNames) {
    const std::size_t at = name.find(microsoft);
    if (at != std::string::npos)
      return name.substr(0, at) + std::string(legacy) + name.substr(at + microsoft.size());
  }
  return "";
}

std::vector<SavedTensor> saved_tensors(const TrainModel& model) {
  std::vector<SavedTensor> tensors;
  std::map<std::string, std::size_t> places;
  const auto add = [&](const TrainParameter& parameter) {
    const auto [at, fresh] = places.emplace(parameter.source.name, tensors.size());
    if (fresh) tensors.push_back({parameter.source.name, {}});
    tensors[at->second].parts.push_back(&parameter);
    // Both read the folder then: `transformers` does not know Microsoft's names.
    if (const std::string legacy = legacy_name(parameter.source.name);
        !legacy.empty() && !places.contains(legacy)) {
      tensors.push_back({legacy, {&parameter}});
    }
  };
  for (const TrainParameter& parameter : model.parameters) {
    if (!parameter.adapts) add(parameter);
  }
  for (const TrainParameter& parameter : model.frozen) add(parameter);
  for (const TrainParameter& parameter : model.borrowed) add(parameter);
  return tensors;
}

/// The tensor as the file has it: V1's in_proj interleaves query, key and value head by head.
at::Tensor joined(const SavedTensor& saved, const TrainModel& model, const SavedInstead& instead) {
  const model::Config& config = model.info.config;
  const at::NoGradGuard no_gradients;
  const auto plain = [&](const TrainParameter& parameter) {
    const bool other = instead.given.defined() && parameter.tensor.is_same(instead.parameter);
    const at::Tensor weight = (other ? instead.given : parameter.tensor).detach();
    const auto adapter = model.adapters.find(parameter.tensor.unsafeGetTensorImpl());
    if (adapter == model.adapters.end()) return weight.to(at::kCPU, at::kFloat);
    const auto& [a, b, scale] = adapter->second;
    return at::add(weight, b.matmul(a), scale).to(at::kCPU, at::kFloat);
  };
  if (saved.parts.front()->source.part == model::Part::whole) return plain(*saved.parts.front()).contiguous();
  std::vector<at::Tensor> parts;
  for (const model::Part part : {model::Part::query_rows, model::Part::key_rows, model::Part::value_rows}) {
    const auto found =
        std::find_if(saved.parts.begin(), saved.parts.end(),
                     [&](const TrainParameter* parameter) { return parameter->source.part == part; });
    check_internal(found != saved.parts.end(), "a part of in_proj is missing");
    parts.push_back(plain(**found).view({config.heads, config.head_size, config.hidden_size}));
  }
  return at::stack(parts, 1).reshape({3 * config.attention_size(), config.hidden_size});
}

}  // namespace

std::int64_t TrainModel::count() const {
  std::int64_t sum = 0;
  for (const TrainParameter& parameter : parameters) sum += parameter.adapts ? 0 : parameter.tensor.numel();
  for (const TrainParameter& parameter : frozen) sum += parameter.tensor.numel();
  return sum;
}

std::int64_t TrainModel::trained() const {
  std::int64_t sum = 0;
  for (const TrainParameter& parameter : parameters) sum += parameter.tensor.numel();
  return sum;
}

std::string device_note(const TrainModel& model) {
  const at::Device device = device_of(model);
  return device.is_cpu() ? "" : ", on " + device.str();
}

at::Generator generator_of(std::uint64_t seed, const std::string& name) {
  return at::make_generator<at::CPUGeneratorImpl>(kernels::mix(seed ^ name_hash(name)));
}

double initializer_range(const infer::ModelInfo& info) {
  const io::Json* range = info.json.find("initializer_range");
  return range == nullptr ? 0.02 : range->as_number(info.path + ": key 'initializer_range'");
}

TrainModel load_model(const std::string& folder, const ModelPlan& plan, infer::ModelInfo info) {
  const io::Checkpoint checkpoint = io::Checkpoint::open(folder);
  infer::TensorFinder finder(checkpoint);
  TrainModel model = build(plan, std::move(info), &finder);
  model.folder = folder;
  for (const io::CheckpointTensor& tensor : checkpoint.tensors()) {
    if (!finder.used().contains(tensor.name)) model.unused.push_back(tensor.name);
  }
  return model;
}

TrainModel make_model(const ModelPlan& plan, infer::ModelInfo info) {
  return build(plan, std::move(info), nullptr);
}

namespace {

at::ScalarType torch_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return at::kFloat;
    case DType::f16:
      return at::kHalf;
    case DType::bf16:
      return at::kBFloat16;
    default:
      throw InternalError("a model is saved in f32, f16 or bf16");
  }
}

}  // namespace

void save_weights(const std::string& path, const TrainModel& model, DType dtype,
                  const SavedInstead& instead) {
  const std::vector<SavedTensor> saved = saved_tensors(model);
  std::vector<io::TensorSpec> specs;
  std::map<std::string, const SavedTensor*> by_name;
  for (const SavedTensor& tensor : saved) {
    Shape shape = tensor.parts.front()->tensor.sizes().vec();
    if (tensor.parts.front()->source.part != model::Part::whole) shape[0] *= 3;
    specs.push_back({tensor.name, dtype, std::move(shape)});
    by_name[tensor.name] = &tensor;
  }
  // "format" is what `transformers` asks of a file.
  io::SafetensorsWriter writer(path, std::move(specs), {{"format", "pt"}});
  for (const io::TensorSpec& spec : writer.order()) {
    const at::Tensor tensor = joined(*by_name.at(spec.name), model, instead).to(torch_type(dtype));
    writer.write({static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()});
  }
  writer.finish();
}

}  // namespace berta::train
