#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "io/mapped_file.h"
#include "tokenizer/bpe.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/loaders.h"
#include "tokenizer/memory_loaders.h"
#include "tokenizer/pipeline.h"
#include "tokenizer/token_ids.h"
#include "tokenizer/vocabulary_files.h"

namespace berta::tokenizer {
namespace {

/// The tokenizer classes of transformers that read vocab.json and merges.txt.
enum class Family { deberta, gpt2, roberta };

const std::vector<SpecialDefault>& defaults_of(Family family) {
  static const std::vector<SpecialDefault> deberta = {
      {"bos_token", "[CLS]"}, {"eos_token", "[SEP]"}, {"unk_token", "[UNK]"},        {"sep_token", "[SEP]"},
      {"pad_token", "[PAD]"}, {"cls_token", "[CLS]"}, {"mask_token", "[MASK]", true}};
  static const std::vector<SpecialDefault> gpt2 = {
      {"bos_token", "<|endoftext|>"}, {"eos_token", "<|endoftext|>"}, {"unk_token", "<|endoftext|>"}};
  static const std::vector<SpecialDefault> roberta = {
      {"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "<unk>"},        {"sep_token", "</s>"},
      {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>", true}};
  switch (family) {
    case Family::deberta:
      return deberta;
    case Family::gpt2:
      return gpt2;
    case Family::roberta:
      return roberta;
  }
  throw InternalError("an unknown family of byte-level BPE");
}

/// By tokenizer_class, without it by the special tokens of the vocabulary.
Family family_of(const FolderConfig& config, const Vocabulary& vocabulary) {
  const std::string name = config.text("tokenizer_class").value_or("");
  if (name.starts_with("Deberta")) return Family::deberta;
  if (name.starts_with("GPT2")) return Family::gpt2;
  if (name.starts_with("Roberta")) return Family::roberta;
  if (vocabulary.id("[CLS]") && vocabulary.id("[SEP]")) return Family::deberta;
  return vocabulary.id("<s>") && vocabulary.id("</s>") ? Family::roberta : Family::gpt2;
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

Template gpt2_template(const FolderConfig& config, const TokenIds& ids) {
  if (!config.flag("add_bos_token").value_or(false)) return {};
  const std::int32_t bos = ids.at(config.special("bos_token", defaults_of(Family::gpt2)).value_or(""));
  return {.single = {special(bos), first()}, .pair = {special(bos), first(), second(1)}};
}

Template template_of(Family family, const FolderConfig& config, const TokenIds& ids, Mode mode) {
  if (family == Family::gpt2) return gpt2_template(config, ids);
  if (family == Family::deberta) {
    const std::int32_t cls = ids.at("[CLS]");
    const std::int32_t sep = ids.at("[SEP]");
    return mode == Mode::hf5 ? roberta_template(cls, sep) : cls_sep_template(cls, sep);
  }
  const auto id = [&](std::string_view key) {
    return ids.at(config.special(key, defaults_of(family)).value_or(""));
  };
  return roberta_template(id("cls_token"), id("sep_token"));
}

}  // namespace

std::shared_ptr<const Tokenizer> parse_byte_level_bpe(std::string_view vocab_json,
                                                      std::string_view merges_txt, const FolderConfig& config,
                                                      const std::string& folder, Mode mode) {
  if (mode == Mode::spm) {
    throw UserError(fmt::format("{}: expected spm.model for tokenizer mode spm, found vocab.json", folder));
  }
  const std::string vocab_name = folder + "/vocab.json";
  const std::string merges_name = folder + "/merges.txt";
  const io::Json json = io::parse_json(vocab_json, vocab_name);
  Vocabulary vocabulary = read_vocabulary(JsonNode(json, vocab_name));
  const Family family = family_of(config, vocabulary);
  const std::vector<SpecialDefault>& defaults = defaults_of(family);
  const bool prefix_space = config.flag("add_prefix_space").value_or(false);
  PipelineParts parts;
  const std::size_t count = vocabulary.count();
  parts.model = std::make_shared<Bpe>(std::move(vocabulary), read_merges(merges_txt, merges_name),
                                      BpeOptions{}, merges_name + ": line");
  const auto model_id = [model = parts.model](std::string_view name) { return model->id(name); };
  parts.added_tokens = config.added_tokens(defaults, {model_id, count});
  const TokenIds ids(parts, vocab_name);
  parts.pre_tokenizer = std::make_shared<ByteLevel>(ByteLevelOptions{.add_prefix_space = prefix_space});
  parts.decoder = std::make_shared<ByteLevelDecoder>();
  parts.post_processor = template_of(family, config, ids, mode);
  parts.trimming = {.enabled = family == Family::roberta, .keep_prefix_space = prefix_space};
  parts.specials = config.special_ids(defaults, [&](std::string_view name) { return ids.find(name); });
  parts.model_max_length = config.model_max_length();
  parts.clean_up_spaces = config.flag("clean_up_tokenization_spaces").value_or(false);
  parts.description =
      fmt::format("byte-level BPE, {}, {} tokens", mode == Mode::hf5 ? "hf5" : "hf4", ids.end());
  return std::make_shared<Pipeline>(std::move(parts));
}

std::shared_ptr<const Tokenizer> load_byte_level_bpe(const std::string& folder, Mode mode) {
  std::error_code error;
  for (const char* file : {"vocab.json", "merges.txt"}) {
    const std::string path = folder + "/" + file;
    if (std::filesystem::exists(path, error)) continue;
    const bool pickled = std::filesystem::exists(folder + "/bpe_encoder.bin", error);
    throw UserError(
        fmt::format("{}: expected vocab.json and merges.txt, found no {}{}", folder, file,
                    pickled ? " (bpe_encoder.bin is a Python pickle and is not read; transformers saves "
                              "the two files)"
                            : ""));
  }
  const io::MappedFile vocab(folder + "/vocab.json");
  const io::MappedFile merges(folder + "/merges.txt");
  return parse_byte_level_bpe(vocab.text(), merges.text(), FolderConfig(folder), folder, mode);
}

}  // namespace berta::tokenizer
