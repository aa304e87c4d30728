#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tokenizer/folder_config.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

// The loaders of loaders.h for files that are in memory already. `folder` or `name` begins the errors.

/// vocab.json and merges.txt.
std::shared_ptr<const Tokenizer> parse_byte_level_bpe(std::string_view vocab_json, std::string_view merges_txt,
                                                      const FolderConfig& config, const std::string& folder,
                                                      Mode mode);

/// vocab.txt.
std::shared_ptr<const Tokenizer> parse_wordpiece(std::string_view vocab_txt, const FolderConfig& config,
                                                 const std::string& folder, Mode mode);

/// tokenizer.json.
std::shared_ptr<const Tokenizer> parse_tokenizer_json(std::string_view text, const FolderConfig& config,
                                                      const std::string& name);

}  // namespace berta::tokenizer
