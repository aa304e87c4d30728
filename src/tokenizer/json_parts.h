#pragma once

#include <memory>
#include <string>

#include "tokenizer/decoders.h"
#include "tokenizer/json_node.h"
#include "tokenizer/parts.h"
#include "tokenizer/pattern.h"
#include "tokenizer/pre_tokenizers.h"
#include "tokenizer/splitting.h"
#include "tokenizer/template.h"

// Readers of the parts of tokenizer.json, each named as the key that holds it. All throw UserError that names
// file and key, also for a type that this program does not know.

namespace berta::tokenizer {

std::shared_ptr<const Normalizer> read_normalizer(const JsonNode& node);
std::shared_ptr<const PreTokenizer> read_pre_tokenizer(const JsonNode& node);
std::shared_ptr<const ChainDecoder> read_decoder(const JsonNode& node);

/// The model, and what the description calls it.
struct NamedModel {
  std::shared_ptr<const WordModel> model;
  std::string kind;
  bool subword_prefix = false;
};
NamedModel read_model(const JsonNode& node);

/// Template and trimming of a post-processor.
struct PostProcessing {
  Template pieces = {};
  OffsetTrimming trimming = {};
};
PostProcessing read_post_processor(const JsonNode& node);

/// {"String": ...} or {"Regex": ...}.
std::shared_ptr<const Pattern> read_pattern(const JsonNode& node);

/// Metaspace as pre-tokeniser and decoder.
MetaspaceOptions read_metaspace(const JsonNode& node);

/// "Isolated" and so on.
SplitBehavior read_split_behavior(const JsonNode& node);

/// UserError "FILE: key 'normalizer.type': expected one of WHAT, found 'X'".
[[noreturn]] void fail_unknown_type(const JsonNode& node, std::string_view known);

}  // namespace berta::tokenizer
