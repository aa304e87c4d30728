#include <fmt/core.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "io/mapped_file.h"
#include "tokenizer/decoders.h"
#include "tokenizer/hf_config.h"
#include "tokenizer/in_quotes.h"
#include "tokenizer/loaders.h"
#include "tokenizer/memory_loaders.h"
#include "tokenizer/pipeline.h"
#include "tokenizer/splitting.h"
#include "tokenizer/text_normalizers.h"
#include "tokenizer/vocabulary_files.h"
#include "tokenizer/wordpiece.h"

namespace berta::tokenizer {
namespace {

HfTokens read_tokens(const HfFiles& files) {
  return read_hf_tokens(files, {{"unk_token", "[UNK]"},
                                {"sep_token", "[SEP]"},
                                {"pad_token", "[PAD]"},
                                {"cls_token", "[CLS]"},
                                {"mask_token", "[MASK]"}});
}

BertNormalizerOptions normalizer_options(const HfFiles& files) {
  BertNormalizerOptions options;
  options.handle_chinese_chars = config_flag(files, "tokenize_chinese_chars", true);
  options.lowercase = config_flag(files, "do_lower_case", true);
  options.strip_accents = config_flag(files, "strip_accents", options.lowercase);
  return options;
}

std::int32_t id_of_role(const HfTokens& tokens, const AddedVocabulary& vocabulary, const char* role,
                        const std::string& name) {
  const std::string& content = tokens.find(role)->token.content;
  if (const auto id = vocabulary.id(content)) return *id;
  throw UserError(
      fmt::format("{}: expected the special token {}, found no such token", name, in_quotes(content)));
}

}  // namespace

std::shared_ptr<const Tokenizer> parse_wordpiece(std::string_view vocab_txt, const HfFiles& files,
                                                 Mode mode) {
  if (mode == Mode::spm) {
    throw UserError(
        fmt::format("{}: expected spm.model for tokenizer mode spm, found vocab.txt", files.folder));
  }
  const std::string name = files.folder + "/vocab.txt";
  const HfTokens tokens = read_tokens(files);
  PipelineParts parts;
  parts.model =
      std::make_shared<WordPiece>(read_vocabulary_lines(vocab_txt, name),
                                  WordPieceOptions{.unk_token = tokens.find("unk_token")->token.content});
  AddedVocabulary added(*parts.model);
  add_hf_tokens(tokens, mode, {}, added);
  parts.added_tokens = mode == Mode::hf5 ? added.latest_tokens() : added.tokens();
  parts.decode_normalized_added_tokens = mode == Mode::hf5;
  parts.normalizer = std::make_shared<BertNormalizer>(normalizer_options(files));
  parts.pre_tokenizer = std::make_shared<BertWords>();
  parts.decoder = std::make_shared<WordPieceDecoder>();
  parts.post_processor = cls_sep_template(id_of_role(tokens, added, "cls_token", name),
                                          id_of_role(tokens, added, "sep_token", name));
  parts.specials = special_ids(tokens, added);
  parts.model_max_length = config_max_length(files);
  parts.clean_up_spaces = config_flag(files, "clean_up_tokenization_spaces", false);
  parts.subword_prefix = true;
  auto tokenizer = std::make_shared<Pipeline>(std::move(parts));
  tokenizer->set_description(
      fmt::format("WordPiece, {}, {} tokens", mode == Mode::hf5 ? "hf5" : "hf4", tokenizer->size()));
  return tokenizer;
}

std::shared_ptr<const Tokenizer> load_wordpiece(const std::string& folder, Mode mode) {
  const io::MappedFile vocab(folder + "/vocab.txt");
  return parse_wordpiece(vocab.text(), read_hf_files(folder), mode);
}

}  // namespace berta::tokenizer
