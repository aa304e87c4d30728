#include <fmt/core.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "io/mapped_file.h"
#include "tokenizer/bpe.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/hf_config.h"
#include "tokenizer/in_quotes.h"
#include "tokenizer/loaders.h"
#include "tokenizer/memory_loaders.h"
#include "tokenizer/pipeline.h"
#include "tokenizer/vocabulary_files.h"

namespace berta::tokenizer {
namespace {

/// The tokenizer classes of transformers that read vocab.json and merges.txt.
enum class Family { deberta, gpt2, roberta };

/// Roles and contents of the class's own special tokens.
std::vector<std::pair<std::string, std::string>> defaults_of(Family family) {
  if (family == Family::gpt2) {
    return {{"bos_token", "<|endoftext|>"}, {"eos_token", "<|endoftext|>"}, {"unk_token", "<|endoftext|>"}};
  }
  const bool deberta = family == Family::deberta;
  const std::string cls = deberta ? "[CLS]" : "<s>";
  const std::string sep = deberta ? "[SEP]" : "</s>";
  return {{"bos_token", cls},
          {"eos_token", sep},
          {"unk_token", deberta ? "[UNK]" : "<unk>"},
          {"sep_token", sep},
          {"pad_token", deberta ? "[PAD]" : "<pad>"},
          {"cls_token", cls},
          {"mask_token", deberta ? "[MASK]" : "<mask>"}};
}

/// By tokenizer_class, without it by the special tokens of the vocabulary.
Family family_of(const HfFiles& files, const Vocabulary& vocabulary) {
  const std::string name = config_text(files, "tokenizer_class").value_or("");
  if (name.starts_with("Deberta")) return Family::deberta;
  if (name.starts_with("GPT2")) return Family::gpt2;
  if (name.starts_with("Roberta")) return Family::roberta;
  if (vocabulary.id("[CLS]") && vocabulary.id("[SEP]")) return Family::deberta;
  return vocabulary.id("<s>") && vocabulary.id("</s>") ? Family::roberta : Family::gpt2;
}

/// The classes let a mask token that the files give without flags take the blanks on its left.
HfTokens read_tokens(const HfFiles& files, Family family) {
  HfTokens tokens = read_hf_tokens(files, defaults_of(family));
  for (NamedSpecial& named : tokens.named) {
    if (named.role == "mask_token" && named.plain) named.token.lstrip = true;
  }
  return tokens;
}

TemplatePiece special(std::int32_t id) {
  return {.kind = TemplatePiece::Kind::special, .ids = {id}};
}
TemplatePiece first() {
  return {.kind = TemplatePiece::Kind::first};
}
TemplatePiece second(std::int32_t type_id) {
  return {.kind = TemplatePiece::Kind::second, .type_id = type_id};
}

/// CLS A SEP and CLS A SEP SEP B SEP, all types 0 (RoBERTa; DeBERTa V1 in transformers 5).
Template roberta_template(std::int32_t cls, std::int32_t sep) {
  return {.single = {special(cls), first(), special(sep)},
          .pair = {special(cls), first(), special(sep), special(sep), second(0), special(sep)}};
}

/// Ids of special tokens for the template. `where` begins the errors.
class TemplateIds {
 public:
  TemplateIds(const HfTokens& tokens, const AddedVocabulary& vocabulary, const std::string& where)
      : tokens_(tokens), vocabulary_(vocabulary), where_(where) {}

  std::int32_t of(const std::string& content) const {
    if (const auto id = vocabulary_.id(content)) return *id;
    throw UserError(
        fmt::format("{}: expected the special token {}, found no such token", where_, in_quotes(content)));
  }
  std::int32_t of_role(const std::string& role) const { return of(tokens_.find(role)->token.content); }

 private:
  const HfTokens& tokens_;
  const AddedVocabulary& vocabulary_;
  const std::string& where_;
};

Template template_of(Family family, const HfFiles& files, const TemplateIds& ids, Mode mode) {
  if (family == Family::gpt2) {
    if (!config_flag(files, "add_bos_token", false)) return {};
    const std::int32_t bos = ids.of_role("bos_token");
    return {.single = {special(bos), first()}, .pair = {special(bos), first(), second(1)}};
  }
  if (family == Family::roberta) return roberta_template(ids.of_role("cls_token"), ids.of_role("sep_token"));
  const std::int32_t cls = ids.of("[CLS]");
  const std::int32_t sep = ids.of("[SEP]");
  if (mode != Mode::hf5) return cls_sep_template(cls, sep);
  Template pieces = roberta_template(cls, sep);
  pieces.later_windows_untyped = true;  // transformers 5 makes it with TemplateProcessing
  return pieces;
}

}  // namespace

std::shared_ptr<const Tokenizer> parse_byte_level_bpe(std::string_view vocab_json,
                                                      std::string_view merges_txt, const HfFiles& files,
                                                      Mode mode) {
  if (mode == Mode::spm) {
    throw UserError(
        fmt::format("{}: expected spm.model for tokenizer mode spm, found vocab.json", files.folder));
  }
  const std::string vocab_name = files.folder + "/vocab.json";
  const std::string merges_name = files.folder + "/merges.txt";
  const io::Json json = io::parse_json(vocab_json, vocab_name);
  Vocabulary vocabulary = read_vocabulary(JsonNode(json, vocab_name));
  const Family family = family_of(files, vocabulary);
  const HfTokens tokens = read_tokens(files, family);
  const bool prefix_space = config_flag(files, "add_prefix_space", false);
  PipelineParts parts;
  parts.model = std::make_shared<Bpe>(std::move(vocabulary), read_merges(merges_txt, merges_name),
                                      BpeOptions{}, merges_name + ": line");
  AddedVocabulary added(*parts.model);
  add_hf_tokens(tokens, mode, {}, added);
  parts.added_tokens = mode == Mode::hf5 ? added.latest_tokens() : added.tokens();
  parts.decode_normalized_added_tokens = mode == Mode::hf5;
  parts.pre_tokenizer = std::make_shared<ByteLevel>(ByteLevelOptions{.add_prefix_space = prefix_space});
  parts.decoder = std::make_shared<ByteLevelDecoder>();
  parts.post_processor = template_of(family, files, TemplateIds(tokens, added, vocab_name), mode);
  parts.trimming = {.enabled = family == Family::roberta, .keep_prefix_space = prefix_space};
  parts.specials = special_ids(tokens, added);
  parts.model_max_length = config_max_length(files);
  parts.clean_up_spaces = config_flag(files, "clean_up_tokenization_spaces", false);
  auto tokenizer = std::make_shared<Pipeline>(std::move(parts));
  tokenizer->set_description(
      fmt::format("byte-level BPE, {}, {} tokens", mode == Mode::hf5 ? "hf5" : "hf4", tokenizer->size()));
  return tokenizer;
}

std::shared_ptr<const Tokenizer> load_byte_level_bpe(const std::string& folder, Mode mode) {
  for (const char* file : {"vocab.json", "merges.txt"}) {
    if (has_file(folder, file)) continue;
    throw UserError(
        fmt::format("{}: expected vocab.json and merges.txt, found no {}{}", folder, file,
                    has_file(folder, "bpe_encoder.bin")
                        ? " (bpe_encoder.bin is a Python pickle and is not read; transformers saves the "
                          "two files)"
                        : ""));
  }
  const io::MappedFile vocab(folder + "/vocab.json");
  const io::MappedFile merges(folder + "/merges.txt");
  return parse_byte_level_bpe(vocab.text(), merges.text(), read_hf_files(folder), mode);
}

}  // namespace berta::tokenizer
