#include <fmt/core.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "io/mapped_file.h"
#include "tokenizer/decoders.h"
#include "tokenizer/loaders.h"
#include "tokenizer/memory_loaders.h"
#include "tokenizer/pipeline.h"
#include "tokenizer/splitting.h"
#include "tokenizer/text_normalizers.h"
#include "tokenizer/token_ids.h"
#include "tokenizer/vocabulary_files.h"
#include "tokenizer/wordpiece.h"

namespace berta::tokenizer {
namespace {

const std::vector<SpecialDefault>& bert_defaults() {
  static const std::vector<SpecialDefault> defaults = {{"unk_token", "[UNK]"},
                                                       {"sep_token", "[SEP]"},
                                                       {"pad_token", "[PAD]"},
                                                       {"cls_token", "[CLS]"},
                                                       {"mask_token", "[MASK]"}};
  return defaults;
}

BertNormalizerOptions normalizer_options(const FolderConfig& config) {
  return {.clean_text = true,
          .handle_chinese_chars = config.flag("tokenize_chinese_chars").value_or(true),
          .strip_accents = config.flag("strip_accents"),
          .lowercase = config.flag("do_lower_case").value_or(true)};
}

}  // namespace

std::shared_ptr<const Tokenizer> parse_wordpiece(std::string_view vocab_txt, const FolderConfig& config,
                                                 const std::string& folder, Mode mode) {
  if (mode == Mode::spm) {
    throw UserError(fmt::format("{}: expected spm.model for tokenizer mode spm, found vocab.txt", folder));
  }
  const std::string name = folder + "/vocab.txt";
  const std::vector<SpecialDefault>& defaults = bert_defaults();
  const auto special = [&](std::string_view key) { return config.special(key, defaults).value_or(""); };
  Vocabulary vocabulary = read_vocabulary_lines(vocab_txt, name);
  PipelineParts parts;
  const std::size_t count = vocabulary.count();
  parts.model =
      std::make_shared<WordPiece>(std::move(vocabulary), WordPieceOptions{.unk_token = special("unk_token")});
  const auto model_id = [model = parts.model](std::string_view token) { return model->id(token); };
  parts.added_tokens = config.added_tokens(defaults, {model_id, count});
  const TokenIds ids(parts, name);
  parts.normalizer = std::make_shared<BertNormalizer>(normalizer_options(config));
  parts.pre_tokenizer = std::make_shared<BertWords>();
  parts.decoder = std::make_shared<WordPieceDecoder>();
  parts.post_processor = cls_sep_template(ids.at(special("cls_token")), ids.at(special("sep_token")));
  parts.specials = config.special_ids(defaults, [&](std::string_view token) { return ids.find(token); });
  parts.model_max_length = config.model_max_length();
  parts.clean_up_spaces = config.flag("clean_up_tokenization_spaces").value_or(false);
  parts.subword_prefix = true;
  parts.description = fmt::format("WordPiece, {}, {} tokens", mode == Mode::hf5 ? "hf5" : "hf4", ids.end());
  return std::make_shared<Pipeline>(std::move(parts));
}

std::shared_ptr<const Tokenizer> load_wordpiece(const std::string& folder, Mode mode) {
  const io::MappedFile vocab(folder + "/vocab.txt");
  return parse_wordpiece(vocab.text(), FolderConfig(folder), folder, mode);
}

}  // namespace berta::tokenizer
