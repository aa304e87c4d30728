#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/json.h"
#include "tokenizer/added_vocabulary.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// The JSON files that `transformers` writes beside a vocabulary; null where a file is missing.
struct HfFiles {
  std::string folder;
  io::Json config;          ///< tokenizer_config.json
  io::Json special_tokens;  ///< special_tokens_map.json
  io::Json added_tokens;    ///< added_tokens.json
};

/// Reads the three files. Throws UserError if one is not an object in JSON.
HfFiles read_hf_files(const std::string& folder);

/// True if the folder has a regular file of this name.
bool has_file(const std::string& folder, const std::string& name);

/// A key of tokenizer_config.json, or the default where it is missing or null.
bool config_flag(const HfFiles& files, const std::string& key, bool otherwise);
std::optional<std::string> config_text(const HfFiles& files, const std::string& key);

/// "model_max_length" where it is below a million.
std::optional<std::size_t> config_max_length(const HfFiles& files);

/// A special token by its role ("cls_token"). `plain`: the files give a string, so that its flags are
/// whatever the class makes of it.
struct NamedSpecial {
  std::string role;
  TokenSpec token;
  bool plain = true;
};

/// What the files say about added and special tokens.
struct HfTokens {
  std::vector<std::pair<std::int64_t, TokenSpec>> added;  ///< sorted by the index that the files give
  std::vector<NamedSpecial> named;                        ///< in the order of `transformers`' attributes
  std::vector<NamedSpecial> additional;                   ///< additional_special_tokens

  const NamedSpecial* find(const std::string& role) const;
};

/// Reads added_tokens_decoder of tokenizer_config.json or, where there is none, special_tokens_map.json and
/// added_tokens.json, as `transformers` does (4.57.1 or, for hf5, 5.17.0). `defaults`: role and content of
/// the class's own special tokens, in the order bos, eos, unk, sep, pad, cls, mask. Throws UserError naming
/// file and key.
HfTokens read_hf_tokens(const HfFiles& files,
                        const std::vector<std::pair<std::string, std::string>>& defaults,
                        Mode mode = Mode::hf4);

/// Adds the tokens as a `transformers` class does after its vocabulary was made (4.57.1's
/// PreTrainedTokenizerFast or, for hf5, 5.17.0's TokenizersBackend). `built_in`: what the conversion of the
/// vocabulary itself added or, for hf5, passes as additional tokens.
void add_hf_tokens(const HfTokens& tokens, Mode mode, const std::vector<TokenSpec>& built_in,
                   AddedVocabulary& vocabulary);

/// The ids of the roles pad, cls, sep, unk, mask.
SpecialIds special_ids(const HfTokens& tokens, const AddedVocabulary& vocabulary);

}  // namespace berta::tokenizer
