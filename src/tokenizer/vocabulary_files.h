#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/bpe.h"
#include "tokenizer/json_node.h"
#include "tokenizer/vocabulary.h"

namespace berta::tokenizer {

/// {"token": id, ...}. Throws UserError for ids out of range and for two tokens with one id.
Vocabulary read_vocabulary(const JsonNode& node);

/// merges.txt: two names and a blank between in each line, best first; lines that begin with "#version" and
/// empty ones are no merges. The names point into `text`. Throws UserError "NAME: line 3: ...".
std::vector<BpeMerge> read_merges(std::string_view text, const std::string& name);

/// vocab.txt: a token in each line, its id the line's number from 0. Of equal ones the last counts.
Vocabulary read_vocabulary_lines(std::string_view text, const std::string& name);

}  // namespace berta::tokenizer
