#include "train/model/model_folder.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/copy_folder.h"
#include "io/folder.h"
#include "io/json.h"
#include "train/model/adapter_folder.h"

namespace berta::train {
namespace {

using io::Json;

void set(Json::Object& object, const std::string& key, Json value) {
  for (auto& [name, old] : object) {
    if (name == key) {
      old = std::move(value);
      return;
    }
  }
  object.emplace_back(key, std::move(value));
}

void drop(Json::Object& object, const std::string& key) {
  std::erase_if(object, [&](const auto& entry) { return entry.first == key; });
}

/// The prefix of a class of `transformers`.
std::string class_of(infer::Dialect dialect) {
  switch (dialect) {
    case infer::Dialect::deberta:
      return "Deberta";
    case infer::Dialect::bert:
      return "Bert";
    default:
      return "DebertaV2";
  }
}

/// What torch calls a type.
std::string_view name_in_transformers(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return "float16";
    case DType::bf16:
      return "bfloat16";
    default:
      return "float32";
  }
}

void set_labels(Json::Object& object, const std::vector<std::string>& labels) {
  Json::Object names, ids;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    names.emplace_back(std::to_string(i), Json(labels[i]));
    set(ids, labels[i], Json(static_cast<std::int64_t>(i)));
  }
  drop(object, "num_labels");
  set(object, "id2label", Json(std::move(names)));
  set(object, "label2id", Json(std::move(ids)));
}

bool is_tokenizer_file(std::string_view name) {
  constexpr std::string_view kNames[] = {"tokenizer.json",
                                         "tokenizer_config.json",
                                         "special_tokens_map.json",
                                         "added_tokens.json",
                                         "spm.model",
                                         "sentencepiece.bpe.model",
                                         "vocab.json",
                                         "merges.txt",
                                         "vocab.txt"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

}  // namespace

std::string config_text(const infer::ModelInfo& info, const HeadFacts& head, DType dtype) {
  Json::Object object = info.json.as_object(info.path);
  // Microsoft's form has no model_type; with it `transformers` reads the folder too, and what differs between
  // the two sets of defaults is said.
  if (info.dialect == infer::Dialect::microsoft) {
    set(object, "model_type", Json(std::string("deberta-v2")));
    for (const infer::ConfigEntry& entry : info.entries) {
      if (entry.origin != infer::Origin::file && info.json.find(entry.key) == nullptr &&
          entry.key.find('.') == std::string::npos && entry.key != "model_type") {
        set(object, entry.key, io::parse_json(entry.value, info.path));
      }
    }
  }
  set(object, "architectures", Json(Json::Array{Json(class_of(info.dialect) + head.architecture)}));
  set(object, "vocab_size", Json(info.config.embeddings.vocabulary));
  for (const char* key : {"dtype", "torch_dtype"}) drop(object, key);
  set(object, "torch_dtype", Json(std::string(name_in_transformers(dtype))));
  if (!head.labels.empty()) set_labels(object, head.labels);
  drop(object, "problem_type");
  if (!head.problem_type.empty()) set(object, "problem_type", Json(head.problem_type));
  std::string text;
  io::append_json(text, Json(std::move(object)));
  return text + "\n";
}

void write_model_folder(const std::string& folder, const TrainModel& model, const HeadFacts& head,
                        const SavedAs& as) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw UserError(folder + ": cannot create: " + error.message());
  if (std::filesystem::absolute(folder) != std::filesystem::absolute(as.tokenizer)) {
    io::copy_folder(as.tokenizer, folder, is_tokenizer_file);
  }
  save_weights(io::join(folder, "model.safetensors"), model, as.dtype, as.instead);
  io::write_file(io::join(folder, "config.json"), config_text(model.info, head, as.dtype));
  if (!model.adapters.empty()) write_adapter(io::join(folder, "adapter"), model, head.architecture);
}

}  // namespace berta::train
