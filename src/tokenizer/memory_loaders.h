#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tokenizer/hf_config.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

// The loaders of loaders.h for files that are in memory already. `files.folder` begins the errors.

/// vocab.json and merges.txt.
std::shared_ptr<const Tokenizer> parse_byte_level_bpe(std::string_view vocab_json,
                                                      std::string_view merges_txt, const HfFiles& files,
                                                      Mode mode);

/// vocab.txt.
std::shared_ptr<const Tokenizer> parse_wordpiece(std::string_view vocab_txt, const HfFiles& files, Mode mode);

/// tokenizer.json.
std::shared_ptr<const Tokenizer> parse_tokenizer_json(std::string_view text, const HfFiles& files);

}  // namespace berta::tokenizer
