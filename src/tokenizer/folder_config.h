#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "tokenizer/added_tokens.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// A special token that a tokenizer class has unless the files say otherwise.
struct SpecialDefault {
  std::string_view key;      ///< "cls_token"
  std::string_view content;  ///< "[CLS]"
  bool lstrip = false;       ///< what the class makes of a name without flags
};

/// tokenizer_config.json, special_tokens_map.json and added_tokens.json of a folder, each of which may be
/// missing, read as transformers 4.57.1 `from_pretrained` does.
class FolderConfig {
 public:
  /// No files.
  FolderConfig() = default;

  /// The files that `folder` has. Throws UserError for files that can't be read or are no JSON objects.
  explicit FolderConfig(const std::string& folder);

  /// Values in place of files (null: missing); `name` begins the errors.
  FolderConfig(std::string name, io::Json tokenizer_config, io::Json special_tokens_map,
               io::Json added_tokens);

  /// A value of tokenizer_config.json; nothing if missing or null.
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::size_t> model_max_length() const;  ///< nothing from a million on

  /// Name of a special token ("cls_token"); nothing if no file and no default has it, or it is null.
  std::optional<std::string> special(std::string_view key, const std::vector<SpecialDefault>& defaults) const;

  /// What is asked of the vocabulary that the tokens are added to.
  struct Known {
    std::function<std::optional<std::int32_t>(std::string_view)> id;
    std::size_t count = 0;  ///< names in it
  };

  /// The tokens that transformers adds to a tokenizer made from a vocabulary file: those of the config files,
  /// then the special ones. A token that the vocabulary has keeps its id, others get ids from its end on.
  /// Special tokens come first.
  std::vector<AddedToken> added_tokens(const std::vector<SpecialDefault>& defaults, const Known& known) const;

  /// Ids by special token names, where they are known.
  SpecialIds special_ids(const std::vector<SpecialDefault>& defaults,
                         const std::function<std::optional<std::int32_t>(std::string_view)>& id) const;

 private:
  struct Special;
  const io::Json* find(std::string_view key) const;
  std::string where(std::string_view file, std::string_view key) const;
  AddedToken added_token(const io::Json& json, const std::string& where) const;
  std::vector<AddedToken> listed_tokens() const;
  std::vector<Special> special_tokens(const std::vector<SpecialDefault>& defaults) const;
  void append_specials(std::string_view key, std::string_view file, const io::Json& value,
                       std::vector<Special>& out) const;

  std::string name_;
  io::Json config_, map_, added_;
};

/// Gives the tokens their ids as AddedVocabulary::add_tokens of tokenizers 0.22.2, and puts special ones
/// first.
std::vector<AddedToken> with_ids(std::vector<AddedToken> tokens, const FolderConfig::Known& known);

}  // namespace berta::tokenizer
