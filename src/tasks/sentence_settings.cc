#include "tasks/sentence_settings.h"

#include <array>
#include <optional>
#include <utility>

#include "core/error.h"
#include "io/folder.h"
#include "io/json.h"

namespace berta::tasks {
namespace {

/// A JSON file of a folder, or nothing where it has none.
class SettingsFile {
 public:
  SettingsFile(const std::string& folder, const std::string& name) : path_(io::join(folder, name)) {
    if (io::is_file(path_)) json_ = io::read_json(path_);
  }

  const std::string& path() const { return path_; }
  bool exists() const { return json_.has_value(); }
  const io::Json& json() const { return *json_; }
  std::string where(std::string_view key) const { return path_ + ": key '" + std::string(key) + "'"; }

  /// The value of a key; nullptr where there is none or it is null.
  const io::Json* find(std::string_view key) const {
    const io::Json* value = json_ ? json_->find(key) : nullptr;
    return value == nullptr || value->is_null() ? nullptr : value;
  }
  bool flag(std::string_view key, bool absent) const {
    const io::Json* value = find(key);
    return value == nullptr ? absent : value->as_bool(where(key));
  }

 private:
  std::string path_;
  std::optional<io::Json> json_;
};

/// In the order in which sentence-transformers puts their vectors behind one another.
constexpr std::array<std::pair<const char*, Pooling>, 6> kPoolings = {{
    {"pooling_mode_cls_token", Pooling::cls},
    {"pooling_mode_max_tokens", Pooling::max},
    {"pooling_mode_mean_tokens", Pooling::mean},
    {"pooling_mode_mean_sqrt_len_tokens", Pooling::mean_sqrt_length},
    {"pooling_mode_weightedmean_tokens", Pooling::weighted_mean},
    {"pooling_mode_lasttoken", Pooling::last},
}};

std::vector<Pooling> read_poolings(const std::string& folder, const std::string& path) {
  const SettingsFile file(folder, io::join(path, "config.json"));
  if (!file.exists()) throw UserError(file.path() + ": expected a pooling config, found no file");
  std::vector<Pooling> poolings;
  for (const auto& [key, pooling] : kPoolings) {
    // The class's defaults: the mean and nothing else.
    if (file.flag(key, pooling == Pooling::mean)) poolings.push_back(pooling);
  }
  if (poolings.empty())
    throw UserError(file.path() + ": expected one 'pooling_mode_...' to be true, found none");
  return poolings;
}

/// A module's folder must stay in the model's.
void check_path(const SettingsFile& file, const std::string& path) {
  if (!path.empty() && !io::is_plain_name(path)) {
    throw UserError(file.where("path") + ": expected the name of a folder beside the file, found '" + path +
                    "'");
  }
}

void read_modules(const std::string& folder, SentenceSettings& settings) {
  const SettingsFile file(folder, "modules.json");
  if (!file.exists()) return;
  for (const io::Json& module : file.json().as_array(file.path())) {
    const io::Json* type = module.find("type");
    const io::Json* path = module.find("path");
    if (type == nullptr) throw UserError(file.path() + ": expected a 'type' in each module, found none");
    const std::string& full = type->as_string(file.where("type"));
    const std::string folder_name = path == nullptr ? "" : path->as_string(file.where("path"));
    check_path(file, folder_name);
    const std::string name = full.substr(full.rfind('.') + 1);
    if (name == "Pooling") {
      settings.poolings = read_poolings(folder, folder_name);
    } else if (name == "Normalize") {
      settings.normalize = true;
    } else if (name != "Transformer") {
      throw UserError(file.where("type") + ": expected Transformer, Pooling or Normalize, found '" + full +
                      "'");
    } else if (!folder_name.empty()) {
      throw UserError(file.where("path") + ": expected the Transformer's files beside this one, found '" +
                      folder_name + "'");
    }
  }
}

void read_transformer(const std::string& folder, SentenceSettings& settings) {
  const SettingsFile file(folder, "sentence_bert_config.json");
  settings.lower_case = file.flag("do_lower_case", false);
  if (const io::Json* length = file.find("max_seq_length")) {
    const std::int64_t value = length->as_integer(file.where("max_seq_length"));
    if (value < 1) {
      throw UserError(file.where("max_seq_length") + ": expected at least 1, found " + std::to_string(value));
    }
    settings.max_length = static_cast<std::size_t>(value);
  }
}

void read_prompt(const std::string& folder, SentenceSettings& settings) {
  const SettingsFile file(folder, "config_sentence_transformers.json");
  const io::Json* name = file.find("default_prompt_name");
  if (name == nullptr) return;
  const std::string& wanted = name->as_string(file.where("default_prompt_name"));
  const io::Json* prompts = file.find("prompts");
  const io::Json* prompt = prompts == nullptr ? nullptr : prompts->find(wanted);
  if (prompt == nullptr) {
    throw UserError(file.where("default_prompt_name") + ": expected one of 'prompts', found '" + wanted +
                    "'");
  }
  settings.prompt = prompt->as_string(file.where("prompts"));
}

}  // namespace

SentenceSettings read_sentence_settings(const std::string& folder) {
  SentenceSettings settings;
  read_modules(folder, settings);
  read_transformer(folder, settings);
  read_prompt(folder, settings);
  return settings;
}

}  // namespace berta::tasks
