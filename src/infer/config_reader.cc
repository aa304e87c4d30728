#include "infer/config_reader.h"

#include <algorithm>

#include "core/error.h"
#include "infer/config_keys.h"
#include "io/folder.h"

namespace berta::infer {
namespace {

// Largest values that a config may ask for. No real model comes near; they keep products of two within int64
// and refuse absurd files before anything is allocated.
constexpr std::int64_t kMaxSize = 1 << 20;
constexpr std::int64_t kMaxRows = 1 << 26;
constexpr std::int64_t kMaxLayers = 4096;

struct Presets {
  std::int64_t hidden, layers, heads, intermediate, token_types;
  double epsilon;
};

/// Defaults of the class that wrote the file (transformers 4.57.1; MS ModelConfig 4d7fe0b).
Presets presets_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::deberta_v2:
      return {1536, 24, 24, 6144, 0, 1e-7};
    case Dialect::bert:
      return {768, 12, 12, 3072, 2, 1e-12};
    default:
      return {768, 12, 12, 3072, 0, 1e-7};
  }
}

Dialect read_dialect(ConfigKeys& keys) {
  const io::Json* type = keys.find("model_type");
  if (type == nullptr) {
    keys.record("model_type", "null", Origin::preset);
    return Dialect::microsoft;
  }
  const std::string& name = type->as_string(keys.where("model_type"));
  std::string shown;
  io::append_json_string(shown, name);
  keys.record("model_type", shown, Origin::file);
  if (name == "deberta") return Dialect::deberta;
  if (name == "deberta-v2") return Dialect::deberta_v2;
  if (name == "bert") return Dialect::bert;
  throw UserError(keys.where("model_type") + ": expected \"deberta\", \"deberta-v2\" or \"bert\", found " +
                  shown);
}

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Terms of the score and f of 1/sqrt(d f). f follows from pos_att_type even with relative attention off.
void read_score_terms(ConfigKeys& keys, ModelInfo& info, bool relative) {
  auto words = keys.words("pos_att_type");
  if (!words) {
    // Microsoft's code takes c2p for granted where the key is absent; transformers nothing.
    words.emplace();
    if (info.dialect == Dialect::microsoft) words->push_back("c2p");
    keys.record("pos_att_type", words->empty() ? "[]" : "[\"c2p\"]", Origin::preset);
  }
  if (has_word(*words, "p2p")) {
    throw UserError(keys.where("pos_att_type") +
                    ": expected c2p and p2c, found p2p, which no reference implementation runs");
  }
  model::Config& config = info.config;
  const bool c2p = has_word(*words, "c2p");
  const bool p2c = has_word(*words, "p2c");
  // transformers' V1 counts the list's entries whatever they are: "none" makes 2 (modeling_deberta.py,
  // scale_factor).
  config.score_terms = info.dialect == Dialect::deberta ? 1 + static_cast<int>(words->size()) : 1 + c2p + p2c;
  config.relative.content_to_position = relative && c2p;
  config.relative.position_to_content = relative && p2c;
}

void read_relative(ConfigKeys& keys, ModelInfo& info) {
  model::RelativeAttention& relative = info.config.relative;
  const bool enabled = keys.boolean("relative_attention", false);
  read_score_terms(keys, info, enabled);
  const std::int64_t range = keys.integer("max_relative_positions", -1, -kMaxRows, kMaxRows);
  relative.max_position = range >= 1 ? range : info.config.embeddings.max_positions;
  if (info.dialect == Dialect::deberta)
    return;  // V1 has neither buckets nor shared keys nor a norm on the table
  relative.buckets = std::max<std::int64_t>(0, keys.integer("position_buckets", -1, -kMaxRows, kMaxRows));
  relative.share_keys = keys.boolean("share_att_key", false);
  if (const auto norms = keys.words("norm_rel_ebd")) {
    relative.normalise_table = has_word(*norms, "layer_norm");
  } else {
    keys.record("norm_rel_ebd", "[\"none\"]", Origin::preset);
  }
  const std::int64_t mid = relative.buckets / 2;
  if (enabled && relative.buckets > 0 && (mid < 1 || relative.max_position - 1 <= mid)) {
    throw UserError(keys.where("position_buckets") + ": expected at least 2 and fewer than twice the range " +
                    std::to_string(relative.max_position) + ", found " + std::to_string(relative.buckets));
  }
}

void read_convolution(ConfigKeys& keys, model::Config& config) {
  model::Convolution& convolution = config.convolution;
  convolution.kernel = std::max<std::int64_t>(0, keys.integer("conv_kernel_size", 0, -1, 1 << 12));
  if (convolution.kernel == 0) return;
  convolution.groups = keys.integer("conv_groups", 1, 1, kMaxSize);
  convolution.activation = keys.activation("conv_act", "tanh");
  if (convolution.kernel % 2 == 0) {
    throw UserError(keys.where("conv_kernel_size") + ": expected an odd number, found " +
                    std::to_string(convolution.kernel));
  }
  if (config.hidden_size % convolution.groups != 0) {
    throw UserError(keys.where("conv_groups") + ": expected a divisor of hidden_size " +
                    std::to_string(config.hidden_size) + ", found " + std::to_string(convolution.groups));
  }
}

void read_sizes(ConfigKeys& keys, ModelInfo& info) {
  const Presets presets = presets_of(info.dialect);
  model::Config& config = info.config;
  config.hidden_size = keys.integer("hidden_size", presets.hidden, 1, kMaxSize);
  config.layers = keys.integer("num_hidden_layers", presets.layers, 1, kMaxLayers);
  config.heads = keys.integer("num_attention_heads", presets.heads, 1, kMaxSize);
  config.intermediate_size = keys.integer("intermediate_size", presets.intermediate, 1, kMaxSize);
  config.activation = keys.activation("hidden_act", "gelu");
  config.norm_epsilon = keys.number("layer_norm_eps", presets.epsilon, 0, 1);
  if (info.dialect == Dialect::deberta_v2 || info.dialect == Dialect::microsoft) {
    config.head_size = keys.integer("attention_head_size", config.hidden_size / config.heads, 1, kMaxSize);
  } else {
    config.head_size = config.hidden_size / config.heads;
  }
  if (config.attention_size() != config.hidden_size) {
    throw UserError(keys.where("num_attention_heads") + ": expected heads * head size = hidden_size " +
                    std::to_string(config.hidden_size) + ", found " + std::to_string(config.heads) + " * " +
                    std::to_string(config.head_size));
  }
}

/// Rows of the word table, which the config may or may not say.
void read_vocabulary(ConfigKeys& keys, model::Embeddings& embeddings, const io::CheckpointTensor& word) {
  const std::int64_t rows = word.view.shape[0];
  embeddings.vocabulary = rows;
  // Microsoft's default, -1, says nothing.
  const auto said = keys.find_integer("vocab_size", -1, kMaxRows);
  if (!said || *said < 0) keys.record("vocab_size", std::to_string(rows), Origin::inferred);
  if (said && *said >= 0 && *said != rows) {
    throw UserError(keys.where("vocab_size") + ": expected the " + std::to_string(rows) +
                    " rows of tensor '" + word.name + "', found " + std::to_string(*said));
  }
}

void read_embeddings(ConfigKeys& keys, ModelInfo& info) {
  model::Embeddings& embeddings = info.config.embeddings;
  embeddings.max_positions = keys.integer("max_position_embeddings", 512, 1, kMaxRows);
  embeddings.token_types = keys.integer("type_vocab_size", presets_of(info.dialect).token_types, 0, kMaxRows);
  embeddings.add_positions = info.dialect == Dialect::bert || keys.boolean("position_biased_input", true);
  embeddings.size = info.dialect == Dialect::bert
                        ? info.config.hidden_size
                        : keys.integer("embedding_size", info.config.hidden_size, 1, kMaxSize);
}

void read_pooler(ConfigKeys& keys, ModelInfo& info) {
  model::Config& config = info.config;
  config.pooler_size = config.hidden_size;
  if (info.dialect == Dialect::bert) {
    config.pooler_activation = model::Activation::tanh;
  } else if (info.dialect != Dialect::microsoft) {
    config.pooler_size = keys.integer("pooler_hidden_size", config.hidden_size, 1, kMaxSize);
    config.pooler_activation = keys.activation("pooler_hidden_act", "gelu");
  } else if (const io::Json* pooling = keys.find("pooling")) {
    ConfigKeys inner(*pooling, keys.where("pooling"));
    config.pooler_size = inner.integer("hidden_size", config.hidden_size, 1, kMaxSize);
    config.pooler_activation = inner.activation("hidden_act", "gelu");
    for (const ConfigEntry& entry : inner.take_entries()) {
      keys.record("pooling." + entry.key, entry.value, entry.origin);
    }
  } else {
    config.pooler_activation = config.activation;  // PoolConfig of MS pooling.py without the key
  }
  if (config.pooler_size != config.hidden_size) {
    throw UserError(keys.where("pooler_hidden_size") + ": expected hidden_size " +
                    std::to_string(config.hidden_size) + ", found " + std::to_string(config.pooler_size));
  }
}

/// {"0": "negative", ...}.
std::string as_json(const std::vector<std::string>& labels) {
  std::string out = "{";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    out += (i == 0 ? "\"" : ", \"") + std::to_string(i) + "\": ";
    io::append_json_string(out, labels[i]);
  }
  return out + "}";
}

/// id2label's entries by id. HF writes the ids as strings.
std::vector<std::string> read_id2label(ConfigKeys& keys) {
  std::vector<std::string> labels;
  const io::Json* map = keys.find("id2label");
  if (map == nullptr) return labels;
  const auto& object = map->as_object(keys.where("id2label"));
  labels.resize(object.size());
  std::vector<bool> seen(object.size());
  for (const auto& [id, label] : object) {
    const std::string place = keys.where("id2label") + " entry '" + id + "'";
    const bool number =
        !id.empty() && id.size() < 10 &&
        std::all_of(id.begin(), id.end(), [](unsigned char c) { return c >= '0' && c <= '9'; });
    const std::size_t index = number ? static_cast<std::size_t>(std::stol(id)) : object.size();
    if (index >= object.size() || seen[index]) {
      throw UserError(place + ": expected each of the ids 0 to " + std::to_string(object.size() - 1) +
                      " once");
    }
    seen[index] = true;
    labels[index] = label.as_string(place);
  }
  keys.record("id2label", as_json(labels), Origin::file);
  return labels;
}

/// `classifier`: its weight, or null.
void read_labels(ConfigKeys& keys, ModelInfo& info, const io::CheckpointTensor* classifier) {
  info.labels = read_id2label(keys);
  keys.find("label2id");
  auto count = static_cast<std::int64_t>(info.labels.size());
  if (const auto said = keys.find_integer("num_labels", 0, kMaxSize); said && count == 0) count = *said;
  if (count == 0 && classifier != nullptr && classifier->view.shape.size() == 2) {
    count = classifier->view.shape[0];
    keys.record("num_labels", std::to_string(count), Origin::inferred);
  }
  info.config.labels = count;
  if (count > kMaxSize) throw UserError(keys.where("num_labels") + ": too many labels");
  for (std::int64_t i = static_cast<std::int64_t>(info.labels.size()); i < count; ++i) {
    info.labels.push_back("LABEL_" + std::to_string(i));
  }
  info.problem_type = keys.text("problem_type", "");
}

/// The object that describes the tensors: rtd files of Microsoft hold two, and the number of layers tells
/// which.
const io::Json& choose_config(const io::Json& json, const io::Checkpoint& checkpoint,
                              const std::string& backbone) {
  const io::Json* discriminator = json.find("discriminator");
  const io::Json* generator = json.find("generator");
  if (discriminator == nullptr || !discriminator->is_object()) return json;
  if (generator == nullptr || !generator->is_object()) return *discriminator;
  std::int64_t layers = 0;
  const auto has_layer = [&](std::int64_t i) {
    return checkpoint.find(backbone + "encoder.layer." + std::to_string(i) + ".output.dense.weight") !=
           nullptr;
  };
  while (has_layer(layers)) ++layers;
  const io::Json* said = generator->find("num_hidden_layers");
  const io::Json* other = discriminator->find("num_hidden_layers");
  const auto equals = [&](const io::Json* value) {
    return value != nullptr && value->is_integer() && value->as_integer("num_hidden_layers") == layers;
  };
  return equals(said) && !equals(other) ? *generator : *discriminator;
}

struct Found {
  io::Json json;
  std::string path;
};

Found find_config(const std::string& path, const io::Checkpoint& checkpoint) {
  const std::string folder = io::is_folder(path) ? path : io::parent_of(path);
  for (const char* name : {"config.json", "model_config.json"}) {
    const std::string file = io::join(folder, name);
    if (io::is_file(file)) return {io::read_json(file), file};
  }
  if (checkpoint.embedded_config())
    return {*checkpoint.embedded_config(), checkpoint.files().front() + ": config"};
  throw UserError(folder + ": expected config.json or model_config.json, found neither");
}

const io::CheckpointTensor& word_table(const io::Checkpoint& checkpoint, const model::NamePrefix& prefix) {
  for (const char* name : {"embeddings.word_embeddings.weight", "embeddings.word_embeddings._weight"}) {
    const io::CheckpointTensor* tensor = checkpoint.find(prefix.backbone + name);
    if (tensor == nullptr) continue;
    if (tensor->view.shape.size() != 2) {
      throw UserError(tensor->file + ": tensor '" + tensor->name +
                      "': expected two dimensions, found shape " + to_string(tensor->view.shape));
    }
    return *tensor;
  }
  throw InternalError("internal error: the word embedding vanished");
}

void refuse_unsupported(ConfigKeys& keys, Dialect dialect) {
  if (keys.boolean("talking_head", false)) {
    throw UserError(keys.where("talking_head") + ": expected false, found true, which is not supported");
  }
  if (dialect != Dialect::bert) return;
  const std::string kind = keys.text("position_embedding_type", "absolute");
  if (kind != "absolute") {
    throw UserError(keys.where("position_embedding_type") + ": expected \"absolute\", found \"" + kind +
                    "\"");
  }
  if (keys.boolean("is_decoder", false)) {
    throw UserError(keys.where("is_decoder") + ": expected false, found true: only encoders are supported");
  }
}

/// What follows from sizes and dialect.
void read_parts(ConfigKeys& keys, ModelInfo& info, const io::CheckpointTensor* classifier) {
  read_embeddings(keys, info);
  if (info.dialect != Dialect::bert) {
    read_relative(keys, info);
    if (info.dialect != Dialect::deberta) read_convolution(keys, info.config);
  }
  read_pooler(keys, info);
  read_labels(keys, info, classifier);
  if (auto names = keys.words("architectures")) info.architectures = std::move(*names);
  info.tied_embeddings = keys.boolean("tie_word_embeddings", true);
  info.entries = keys.take_entries();
  info.unknown_keys = keys.unread();
}

}  // namespace

model::NamePrefix find_prefix(const io::Checkpoint& checkpoint) {
  std::vector<std::string> prefixes;
  for (const std::string_view suffix :
       {"embeddings.word_embeddings.weight", "embeddings.word_embeddings._weight"}) {
    for (const io::CheckpointTensor& tensor : checkpoint.tensors()) {
      if (tensor.name.ends_with(suffix))
        prefixes.push_back(tensor.name.substr(0, tensor.name.size() - suffix.size()));
    }
    if (!prefixes.empty()) break;
  }
  if (prefixes.empty()) {
    throw UserError(checkpoint.files().front() +
                    ": expected a tensor 'embeddings.word_embeddings.weight' (with any prefix), found none");
  }
  // Of a generator and a discriminator in one file, the latter is the model that people use.
  std::string chosen = prefixes.front();
  for (const std::string_view wanted : {"discriminator.deberta.", "", "bert.", "deberta."}) {
    for (const std::string& prefix : prefixes) {
      if (prefix == wanted) chosen = prefix;
    }
  }
  model::NamePrefix found{chosen, chosen};
  for (const std::string_view backbone : {"deberta.", "bert."}) {
    if (chosen.ends_with(backbone)) found.heads = chosen.substr(0, chosen.size() - backbone.size());
  }
  return found;
}

ModelInfo read_config(const std::string& folder, const io::Checkpoint& checkpoint) {
  auto [json, path] = find_config(folder, checkpoint);
  return read_config(std::move(json), std::move(path), checkpoint);
}

ModelInfo read_config(io::Json json, std::string path, const io::Checkpoint& checkpoint) {
  ModelInfo info;
  json.as_object(path);  // anything else is refused here, by name
  info.json = std::move(json);
  info.path = std::move(path);
  info.prefix = find_prefix(checkpoint);
  ConfigKeys keys(choose_config(info.json, checkpoint, info.prefix.backbone), info.path);
  info.dialect = read_dialect(keys);
  refuse_unsupported(keys, info.dialect);
  read_sizes(keys, info);
  read_vocabulary(keys, info.config.embeddings, word_table(checkpoint, info.prefix));
  read_parts(keys, info, checkpoint.find(info.prefix.heads + "classifier.weight"));
  return info;
}

ModelInfo read_new_config(io::Json json, std::string path) {
  ModelInfo info;
  json.as_object(path);
  info.json = std::move(json);
  info.path = std::move(path);
  info.prefix = {"deberta.", ""};
  ConfigKeys keys(info.json, info.path);
  info.dialect = read_dialect(keys);
  refuse_unsupported(keys, info.dialect);
  read_sizes(keys, info);
  info.config.embeddings.vocabulary = keys.integer("vocab_size", 0, 0, kMaxRows);
  if (info.config.embeddings.vocabulary == 0) {
    throw UserError(keys.where("vocab_size") + ": expected the number of tokens, found none");
  }
  read_parts(keys, info, nullptr);
  return info;
}

}  // namespace berta::infer
