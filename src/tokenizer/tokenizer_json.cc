#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "io/mapped_file.h"
#include "tokenizer/hf_config.h"
#include "tokenizer/json_parts.h"
#include "tokenizer/loaders.h"
#include "tokenizer/memory_loaders.h"
#include "tokenizer/pipeline.h"

namespace berta::tokenizer {
namespace {

TokenSpec read_added_token(const JsonNode& node) {
  static_cast<void>(node.at("id").count());  // the library gives ids anew; see AddedVocabulary
  return {.content = node.at("content").text(),
          .single_word = node.at("single_word").flag(),
          .lstrip = node.at("lstrip").flag(),
          .rstrip = node.at("rstrip").flag(),
          .normalized = node.at("normalized").flag(),
          .special = node.at("special").flag()};
}

/// Ids of the special tokens: by the roles in the files beside, where none names a role by the usual names.
SpecialIds find_specials(const HfFiles& files, const AddedVocabulary& vocabulary) {
  const HfTokens tokens = read_hf_tokens(
      files,
      {{"unk_token", ""}, {"sep_token", ""}, {"pad_token", ""}, {"cls_token", ""}, {"mask_token", ""}});
  const auto id = [&](const char* role, const char* bert,
                      const char* roberta) -> std::optional<std::int32_t> {
    if (const NamedSpecial* named = tokens.find(role); !named->token.content.empty()) {
      return vocabulary.id(named->token.content);
    }
    const auto found = vocabulary.id(bert);
    return found ? found : vocabulary.id(roberta);
  };
  return {.pad = id("pad_token", "[PAD]", "<pad>"),
          .cls = id("cls_token", "[CLS]", "<s>"),
          .sep = id("sep_token", "[SEP]", "</s>"),
          .unk = id("unk_token", "[UNK]", "<unk>"),
          .mask = id("mask_token", "[MASK]", "<mask>")};
}

/// tokenizer_config.json's, without it that of the truncation section.
std::optional<std::size_t> max_length(const JsonNode& root, const HfFiles& files) {
  if (const auto length = config_max_length(files)) return length;
  const auto truncation = root.find("truncation");
  if (!truncation) return std::nullopt;
  const std::uint64_t length = truncation->at("max_length").count();
  return length > 0 && length < 1'000'000 ? std::optional<std::size_t>(length) : std::nullopt;
}

void check_version(const JsonNode& root) {
  const auto version = root.find("version");
  if (version && version->text() != "1.0") version->fail("1.0", version->text());
}

}  // namespace

std::shared_ptr<const Tokenizer> parse_tokenizer_json(std::string_view text, const HfFiles& files) {
  const std::string name = files.folder + "/tokenizer.json";
  const io::Json json = io::parse_json(text, name);
  const JsonNode root(json, name);
  check_version(root);
  PipelineParts parts;
  NamedModel model = read_model(root.at("model"));
  parts.model = model.model;
  parts.subword_prefix = model.subword_prefix;
  if (const auto node = root.find("normalizer")) parts.normalizer = read_normalizer(*node);
  if (const auto node = root.find("pre_tokenizer")) parts.pre_tokenizer = read_pre_tokenizer(*node);
  if (const auto node = root.find("decoder")) parts.decoder = read_decoder(*node);
  if (const auto node = root.find("post_processor")) {
    PostProcessing post = read_post_processor(*node);
    parts.post_processor = std::move(post.pieces);
    parts.trimming = post.trimming;
  }
  AddedVocabulary added(*parts.model);
  if (const auto list = root.find("added_tokens")) {
    for (const JsonNode& item : list->items()) added.add(read_added_token(item));
  }
  parts.added_tokens = added.tokens();
  parts.specials = find_specials(files, added);
  parts.model_max_length = max_length(root, files);
  parts.clean_up_spaces = config_flag(files, "clean_up_tokenization_spaces", false);
  auto tokenizer = std::make_shared<Pipeline>(std::move(parts));
  tokenizer->set_description(fmt::format("tokenizer.json {}, {} tokens", model.kind, tokenizer->size()));
  return tokenizer;
}

std::shared_ptr<const Tokenizer> load_tokenizer_json(const std::string& folder) {
  const io::MappedFile file(folder + "/tokenizer.json");
  return parse_tokenizer_json(file.text(), read_hf_files(folder));
}

}  // namespace berta::tokenizer
