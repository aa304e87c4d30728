#include "tokenizer/hf_config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

#include "core/error.h"

namespace berta::tokenizer {
namespace {

constexpr const char* kConfig = "tokenizer_config.json";
constexpr const char* kSpecialTokens = "special_tokens_map.json";
constexpr const char* kAddedTokens = "added_tokens.json";

std::string path_of(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

std::string key_of(const std::string& folder, const std::string& file, const std::string& key) {
  return path_of(folder, file) + ": key '" + key + "'";
}

/// The place of a member of the value at `where`, which ends in a quote.
std::string member_of(const std::string& where, const char* key) {
  return where.substr(0, where.size() - 1) + "." + key + "'";
}

io::Json read_object(const std::string& folder, const std::string& name) {
  if (!has_file(folder, name)) return {};
  const std::string path = path_of(folder, name);
  io::Json json = io::read_json(path);
  static_cast<void>(json.as_object(path));
  return json;
}

bool flag_of(const io::Json& object, const char* key, const std::string& where) {
  const io::Json* value = object.find(key);
  return value != nullptr && !value->is_null() && value->as_bool(member_of(where, key));
}

/// A token as a string, or as an object with its flags.
TokenSpec read_token(const io::Json& json, const std::string& where) {
  TokenSpec token;
  if (json.is_string()) {
    token.content = json.as_string(where);
    return token;
  }
  const io::Json* content = json.find("content");
  if (content == nullptr)
    throw UserError(where + ": expected a string or an object with the key 'content', found another value");
  token.content = content->as_string(member_of(where, "content"));
  token.single_word = flag_of(json, "single_word", where);
  token.lstrip = flag_of(json, "lstrip", where);
  token.rstrip = flag_of(json, "rstrip", where);
  token.special = flag_of(json, "special", where);
  if (const io::Json* normalized = json.find("normalized"); normalized != nullptr && !normalized->is_null())
    token.normalized = normalized->as_bool(member_of(where, "normalized"));
  return token;
}

NamedSpecial read_special(const std::string& role, const io::Json& json, const std::string& where) {
  NamedSpecial special{role, read_token(json, where), json.is_string()};
  special.token.special = true;
  return special;
}

std::int64_t read_index(const std::string& text, const std::string& where) {
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index < 0)
    throw UserError(where + ": expected token ids as keys, found '" + text + "'");
  return index;
}

void set_special(const NamedSpecial& special, HfTokens& tokens) {
  for (NamedSpecial& named : tokens.named)
    if (named.role == special.role) named = special;
}

/// The roles that one file names.
void read_roles(const io::Json& object, const std::string& folder, const char* file, HfTokens& tokens) {
  for (const NamedSpecial& named : std::vector<NamedSpecial>(tokens.named)) {
    const io::Json* value = object.find(named.role);
    if (value != nullptr && !value->is_null())
      set_special(read_special(named.role, *value, key_of(folder, file, named.role)), tokens);
  }
}

/// The further special tokens that one file lists; false if it has no such list.
bool read_additional(const io::Json& object, const char* key, const std::string& folder, const char* file,
                     HfTokens& tokens) {
  const io::Json* list = object.find(key);
  if (list == nullptr || !list->is_array()) return false;
  const std::string where = key_of(folder, file, key);
  for (const io::Json& item : list->as_array(where)) {
    NamedSpecial special = read_special(key, item, where);
    const auto same = [&](const NamedSpecial& other) { return other.token == special.token; };
    if (std::none_of(tokens.additional.begin(), tokens.additional.end(), same))
      tokens.additional.push_back(std::move(special));
  }
  return true;
}

constexpr const char* kAdditional = "additional_special_tokens";
constexpr const char* kExtra = "extra_special_tokens";

/// transformers 5 calls the list otherwise, but reads the old name in tokenizer_config.json.
void read_config_specials(const HfFiles& files, Mode mode, HfTokens& tokens) {
  if (!files.config.is_object()) return;
  read_roles(files.config, files.folder, kConfig, tokens);
  if (mode == Mode::hf5 && read_additional(files.config, kExtra, files.folder, kConfig, tokens)) return;
  read_additional(files.config, kAdditional, files.folder, kConfig, tokens);
}

void read_map_specials(const HfFiles& files, Mode mode, HfTokens& tokens) {
  if (!files.special_tokens.is_object()) return;
  read_roles(files.special_tokens, files.folder, kSpecialTokens, tokens);
  read_additional(files.special_tokens, mode == Mode::hf5 ? kExtra : kAdditional, files.folder,
                  kSpecialTokens, tokens);
}

void read_decoder(const io::Json& decoder, const HfFiles& files, HfTokens& tokens) {
  const std::string where = key_of(files.folder, kConfig, "added_tokens_decoder");
  for (const auto& [index, token] : decoder.as_object(where))
    tokens.added.emplace_back(
        read_index(index, where),
        read_token(token, key_of(files.folder, kConfig, "added_tokens_decoder." + index)));
}

bool has_content(const std::vector<NamedSpecial>& specials, const std::string& content) {
  return std::any_of(specials.begin(), specials.end(),
                     [&](const NamedSpecial& special) { return special.token.content == content; });
}

void read_added(const HfFiles& files, HfTokens& tokens) {
  if (files.added_tokens.is_null()) return;
  for (const auto& [content, index] : files.added_tokens.as_object(kAddedTokens)) {
    const std::int64_t number = index.as_integer(key_of(files.folder, kAddedTokens, content));
    const bool special = has_content(tokens.named, content) || has_content(tokens.additional, content);
    tokens.added.emplace_back(number,
                              TokenSpec{.content = content, .normalized = !special, .special = special});
  }
}

}  // namespace

bool has_file(const std::string& folder, const std::string& name) {
  std::error_code error;
  return std::filesystem::is_regular_file(path_of(folder, name), error);
}

HfFiles read_hf_files(const std::string& folder) {
  return {.folder = folder,
          .config = read_object(folder, kConfig),
          .special_tokens = read_object(folder, kSpecialTokens),
          .added_tokens = read_object(folder, kAddedTokens)};
}

bool config_flag(const HfFiles& files, const std::string& key, bool otherwise) {
  const io::Json* value = files.config.find(key);
  return value != nullptr && !value->is_null() ? value->as_bool(key_of(files.folder, kConfig, key))
                                               : otherwise;
}

std::optional<std::string> config_text(const HfFiles& files, const std::string& key) {
  const io::Json* value = files.config.find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return value->as_string(key_of(files.folder, kConfig, key));
}

std::optional<std::size_t> config_max_length(const HfFiles& files) {
  const io::Json* value = files.config.find("model_max_length");
  if (value == nullptr || value->is_null()) return std::nullopt;
  const double length = value->as_number(key_of(files.folder, kConfig, "model_max_length"));
  constexpr double kMeaningful = 1e6;
  if (!(length >= 1 && length < kMeaningful)) return std::nullopt;
  return static_cast<std::size_t>(length);
}

const NamedSpecial* HfTokens::find(const std::string& role) const {
  const auto found = std::find_if(named.begin(), named.end(),
                                  [&](const NamedSpecial& special) { return special.role == role; });
  return found != named.end() ? &*found : nullptr;
}

HfTokens read_hf_tokens(const HfFiles& files,
                        const std::vector<std::pair<std::string, std::string>>& defaults, Mode mode) {
  HfTokens tokens;
  for (const auto& [role, content] : defaults)
    tokens.named.push_back({role, TokenSpec{.content = content, .special = true}, true});
  read_config_specials(files, mode, tokens);
  const io::Json* decoder = files.config.find("added_tokens_decoder");
  if (decoder != nullptr && !decoder->is_null()) {
    read_decoder(*decoder, files, tokens);
    for (NamedSpecial& named : tokens.named)
      for (const auto& [index, token] : tokens.added)
        if (token.content == named.token.content) named = {named.role, token, false};
  } else {
    read_map_specials(files, mode, tokens);
    read_added(files, tokens);
  }
  std::stable_sort(tokens.added.begin(), tokens.added.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return tokens;
}

void add_hf_tokens(const HfTokens& tokens, Mode mode, const std::vector<TokenSpec>& built_in,
                   AddedVocabulary& vocabulary) {
  const bool hf5 = mode == Mode::hf5;
  if (!hf5)
    for (const TokenSpec& token : built_in) vocabulary.add(token);
  std::vector<TokenSpec> order;
  const auto listed = [&](const std::string& content) {
    return vocabulary.contains(content) ||
           std::any_of(order.begin(), order.end(), [&](const TokenSpec& t) { return t.content == content; });
  };
  for (const auto& [index, token] : tokens.added) order.push_back(token);
  std::vector<NamedSpecial> rest = tokens.named;
  rest.insert(rest.end(), tokens.additional.begin(), tokens.additional.end());
  for (const NamedSpecial& special : rest) {
    // A token with flags counts as another one than a listed token of the same content (4.57.1).
    const bool known = hf5 || special.plain
                           ? listed(special.token.content)
                           : std::find(order.begin(), order.end(), special.token) != order.end();
    if (!known) order.push_back(special.token);
  }
  if (hf5 && tokens.additional.empty())
    for (const TokenSpec& token : built_in)
      if (!listed(token.content)) order.push_back(token);
  for (TokenSpec token : order) {
    token.special = token.special || has_content(tokens.named, token.content) ||
                    (!hf5 && has_content(tokens.additional, token.content));
    vocabulary.add(token);
  }
}

SpecialIds special_ids(const HfTokens& tokens, const AddedVocabulary& vocabulary) {
  const auto id = [&](const char* role) -> std::optional<std::int32_t> {
    const NamedSpecial* special = tokens.find(role);
    return special != nullptr ? vocabulary.id(special->token.content) : std::nullopt;
  };
  return {.pad = id("pad_token"),
          .cls = id("cls_token"),
          .sep = id("sep_token"),
          .unk = id("unk_token"),
          .mask = id("mask_token")};
}

}  // namespace berta::tokenizer
