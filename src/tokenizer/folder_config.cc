#include "tokenizer/folder_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "tokenizer/json_node.h"
#include "tokenizer/quoted.h"
#include "tokenizer/vocabulary.h"

namespace berta::tokenizer {
namespace {

constexpr std::string_view kConfig = "tokenizer_config.json";
constexpr std::string_view kMap = "special_tokens_map.json";
constexpr std::string_view kAdded = "added_tokens.json";

/// The order in which transformers lists them.
constexpr std::string_view kSpecialKeys[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                             "pad_token", "cls_token", "mask_token"};
constexpr std::string_view kMoreSpecials = "additional_special_tokens";

io::Json read_object(const std::string& folder, std::string_view file) {
  const std::string path = fmt::format("{}/{}", folder, file);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  io::Json json = io::read_json(path);
  json.as_object(path);
  return json;
}

const AddedToken* find_content(const std::vector<AddedToken>& tokens, std::string_view content) {
  const auto found = std::find_if(tokens.begin(), tokens.end(),
                                  [&](const AddedToken& token) { return token.content == content; });
  return found == tokens.end() ? nullptr : &*found;
}

}  // namespace

/// A special token and where it is named; `plain`: as a string, whose flags the class chooses.
struct FolderConfig::Special {
  std::string_view key;
  AddedToken token;
  bool plain = false;
};

FolderConfig::FolderConfig(const std::string& folder)
    : FolderConfig(folder, read_object(folder, kConfig), read_object(folder, kMap),
                   read_object(folder, kAdded)) {}

FolderConfig::FolderConfig(std::string name, io::Json tokenizer_config, io::Json special_tokens_map,
                           io::Json added_tokens)
    : name_(std::move(name)),
      config_(std::move(tokenizer_config)),
      map_(std::move(special_tokens_map)),
      added_(std::move(added_tokens)) {}

std::string FolderConfig::where(std::string_view file, std::string_view key) const {
  return fmt::format("{}/{}: key '{}'", name_, file, key);
}

/// A value of tokenizer_config.json that is not null.
const io::Json* FolderConfig::find(std::string_view key) const {
  const io::Json* value = config_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<bool> FolderConfig::flag(std::string_view key) const {
  if (const io::Json* value = find(key)) return value->as_bool(where(kConfig, key));
  return std::nullopt;
}

std::optional<std::string> FolderConfig::text(std::string_view key) const {
  if (const io::Json* value = find(key)) return value->as_string(where(kConfig, key));
  return std::nullopt;
}

std::optional<std::size_t> FolderConfig::model_max_length() const {
  const io::Json* value = find("model_max_length");
  if (value == nullptr) return std::nullopt;
  const double length = value->as_number(where(kConfig, "model_max_length"));
  if (length >= 1e6) return std::nullopt;
  if (!(length >= 1)) {
    throw UserError(
        fmt::format("{}: expected a positive number, found {}", where(kConfig, "model_max_length"), length));
  }
  return static_cast<std::size_t>(length);
}

AddedToken FolderConfig::added_token(const io::Json& json, const std::string& where) const {
  const JsonNode node(json, where);
  AddedToken token;
  token.content = node.at("content").text();
  token.single_word = node.flag("single_word", false);
  token.lstrip = node.flag("lstrip", false);
  token.rstrip = node.flag("rstrip", false);
  token.special = node.flag("special", false);
  token.normalized = node.flag("normalized", !token.special);
  return token;
}

/// added_tokens_decoder of tokenizer_config.json in the order of its ids, or added_tokens.json without it.
std::vector<AddedToken> FolderConfig::listed_tokens() const {
  std::vector<AddedToken> tokens;
  if (const io::Json* listed = find("added_tokens_decoder")) {
    const std::string place = where(kConfig, "added_tokens_decoder");
    for (const auto& [number, value] : listed->as_object(place)) {
      tokens.push_back(added_token(value, fmt::format("{}: key {}", place, quoted(number))));
      const auto [rest, error] =
          std::from_chars(number.data(), number.data() + number.size(), tokens.back().id);
      if (error != std::errc() || rest != number.data() + number.size() || tokens.back().id < 0) {
        throw UserError(fmt::format("{}: expected ids as keys, found {}", place, quoted(number)));
      }
    }
  } else if (!added_.is_null()) {
    for (const auto& [content, id] : added_.as_object(fmt::format("{}/{}", name_, kAdded))) {
      const std::int64_t value = id.as_integer(where(kAdded, content));
      if (value < 0 || value > Vocabulary::kLargestId) {
        throw UserError(fmt::format("{}: expected an id from 0 to {}, found {}", where(kAdded, content),
                                    Vocabulary::kLargestId, value));
      }
      tokens.push_back({.content = content, .id = static_cast<std::int32_t>(value), .normalized = true});
    }
  }
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  return tokens;
}

void FolderConfig::append_specials(std::string_view key, std::string_view file, const io::Json& value,
                                   std::vector<Special>& out) const {
  const std::string place = where(file, key);
  if (value.is_array()) {
    for (const io::Json& item : value.as_array(place)) append_specials(key, file, item, out);
  } else if (value.is_string()) {
    out.push_back({key, {.content = value.as_string(place), .special = true}, true});
  } else if (value.is_object()) {
    out.push_back({key, added_token(value, place), false});
    out.back().token.special = true;
  } else if (!value.is_null()) {
    throw UserError(fmt::format("{}: expected a token's name or an object with a key 'content'", place));
  }
}

/// The special tokens in the order of transformers: files before defaults, and special_tokens_map.json before
/// tokenizer_config.json unless the latter lists added_tokens_decoder.
std::vector<FolderConfig::Special> FolderConfig::special_tokens(
    const std::vector<SpecialDefault>& defaults) const {
  const std::vector<AddedToken> listed = listed_tokens();
  const bool modern = find("added_tokens_decoder") != nullptr;
  std::vector<Special> out;
  const auto collect = [&](std::string_view key) {
    const io::Json* mapped = modern ? nullptr : map_.find(key);
    const io::Json* value = mapped != nullptr ? mapped : config_.find(key);
    const auto known = std::find_if(defaults.begin(), defaults.end(),
                                    [&](const SpecialDefault& special) { return special.key == key; });
    const std::size_t before = out.size();
    if (value != nullptr) {
      append_specials(key, mapped != nullptr ? kMap : kConfig, *value, out);
    } else if (known != defaults.end()) {
      out.push_back({key, {.content = std::string(known->content), .special = true}, true});
    }
    for (std::size_t i = before; i < out.size(); ++i) {
      if (out[i].plain && known != defaults.end()) out[i].token.lstrip = known->lstrip;
    }
  };
  for (const std::string_view key : kSpecialKeys) collect(key);
  collect(kMoreSpecials);
  for (Special& special : out) {
    if (const AddedToken* token = find_content(listed, special.token.content)) special.token = *token;
    special.token.special = true;
  }
  return out;
}

std::optional<std::string> FolderConfig::special(std::string_view key,
                                                 const std::vector<SpecialDefault>& defaults) const {
  for (const Special& special : special_tokens(defaults)) {
    if (special.key == key) return special.token.content;
  }
  return std::nullopt;
}

std::vector<AddedToken> FolderConfig::added_tokens(const std::vector<SpecialDefault>& defaults,
                                                   const Known& known) const {
  std::vector<AddedToken> tokens = listed_tokens();
  for (const Special& special : special_tokens(defaults)) {
    const auto same = std::find_if(tokens.begin(), tokens.end(), [&](const AddedToken& token) {
      return token.content == special.token.content;
    });
    if (same == tokens.end()) {
      tokens.push_back(special.token);
    } else {
      same->special = true;
    }
  }
  return with_ids(std::move(tokens), known);
}

SpecialIds FolderConfig::special_ids(
    const std::vector<SpecialDefault>& defaults,
    const std::function<std::optional<std::int32_t>(std::string_view)>& id) const {
  const auto find_id = [&](std::string_view key) -> std::optional<std::int32_t> {
    const auto name = special(key, defaults);
    return name ? id(*name) : std::nullopt;
  };
  return {.pad = find_id("pad_token"),
          .cls = find_id("cls_token"),
          .sep = find_id("sep_token"),
          .unk = find_id("unk_token"),
          .mask = find_id("mask_token")};
}

std::vector<AddedToken> with_ids(std::vector<AddedToken> tokens, const FolderConfig::Known& known) {
  auto next = static_cast<std::int32_t>(std::min<std::size_t>(known.count, Vocabulary::kLargestId));
  std::unordered_map<std::string, std::int32_t> given;
  std::vector<AddedToken> out;
  for (AddedToken& token : tokens) {
    if (token.content.empty()) continue;
    const auto same = given.find(token.content);
    token.id = same != given.end() ? same->second : known.id(token.content).value_or(-1);
    if (token.id < 0) token.id = next++;
    given.emplace(token.content, token.id);
    out.push_back(std::move(token));
  }
  std::stable_partition(out.begin(), out.end(), [](const AddedToken& token) { return token.special; });
  return out;
}

}  // namespace berta::tokenizer
