#include <filesystem>
#include <utility>

#include "core/error.h"
#include "io/mapped_file.h"
#include "tokenizer/charsmap.h"
#include "tokenizer/hf_config.h"
#include "tokenizer/loaders.h"
#include "tokenizer/normalizers.h"
#include "tokenizer/pipeline.h"
#include "tokenizer/pre_tokenizers.h"
#include "tokenizer/spm_merges.h"
#include "tokenizer/spm_parts.h"
#include "tokenizer/unigram.h"

namespace berta::tokenizer {
namespace {

using Normalizers = std::vector<std::shared_ptr<const Normalizer>>;
using PreTokenizers = std::vector<std::shared_ptr<const PreTokenizer>>;

/// What one folder gives to each of the modes.
struct Source {
  HfFiles files;
  HfTokens tokens;
  std::shared_ptr<SpmModel> model;
  std::shared_ptr<const Charsmap> charsmap;  ///< null: the model has none
};

std::shared_ptr<const Charsmap> make_charsmap(const std::string& bytes, const std::string& path,
                                              const char* field) {
  if (bytes.empty()) return nullptr;
  return std::make_shared<const Charsmap>(bytes,
                                          path + ": field '" + std::string(field) + ".precompiled_charsmap'");
}

Source read_source(const std::string& folder, Mode mode) {
  const std::string path = (std::filesystem::path(folder) / "spm.model").string();
  const io::MappedFile file(path);
  Source source;
  source.model = std::make_shared<SpmModel>(parse_spm_model(file.text(), path));
  source.charsmap = make_charsmap(source.model->normalizer.charsmap, path, "normalizer_spec");
  source.files = read_hf_files(folder);
  source.tokens = read_hf_tokens(source.files,
                                 {{"bos_token", "[CLS]"},
                                  {"eos_token", "[SEP]"},
                                  {"unk_token", "[UNK]"},
                                  {"sep_token", "[SEP]"},
                                  {"pad_token", "[PAD]"},
                                  {"cls_token", "[CLS]"},
                                  {"mask_token", "[MASK]"}},
                                 mode);
  for (NamedSpecial& named : source.tokens.named)
    if (mode != Mode::hf5 && named.role == "unk_token" && named.plain) named.token.normalized = true;
  return source;
}

/// DebertaV2Converter of transformers 4.57.1.
std::shared_ptr<const Normalizer> hf4_normalizer(const Source& source) {
  Normalizers parts;
  if (config_flag(source.files, "do_lower_case", false))
    parts.push_back(std::make_shared<LowercaseNormalizer>());
  parts.push_back(std::make_shared<StripNormalizer>(true, true));
  if (source.charsmap) parts.push_back(std::make_shared<CharsmapNormalizer>(source.charsmap));
  parts.push_back(std::make_shared<CollapseBlanks>());
  return std::make_shared<NormalizerSequence>(std::move(parts));
}

/// DebertaV2Tokenizer of transformers 5.17.0.
std::shared_ptr<const Normalizer> hf5_normalizer(const Source& source) {
  Normalizers parts;
  if (config_flag(source.files, "do_lower_case", false))
    parts.push_back(std::make_shared<LowercaseNormalizer>());
  parts.push_back(std::make_shared<CollapseWhiteSpace>());
  parts.push_back(std::make_shared<UnicodeNormalizer>(UnicodeNormalizer::Form::nfc));
  parts.push_back(std::make_shared<StripNormalizer>(false, true));
  return std::make_shared<NormalizerSequence>(std::move(parts));
}

std::shared_ptr<const PreTokenizer> hf_pre_tokenizer(const Source& source, const MetaspaceOptions& options) {
  PreTokenizers parts;
  if (config_flag(source.files, "split_by_punct", false))
    parts.push_back(std::make_shared<IsolatePunctuation>());
  parts.push_back(std::make_shared<Metaspace>(options));
  return std::make_shared<PreTokenizerSequence>(std::move(parts));
}

/// The unknown piece of the Unigram model: hf5 takes the first one of the unknown token's name with score 0.
std::int32_t unigram_unknown(const Source& source, Mode mode) {
  const NamedSpecial* unknown = source.tokens.find("unk_token");
  const std::vector<SpmPiece>& pieces = source.model->pieces;
  if (mode == Mode::hf5 && unknown != nullptr)
    for (std::size_t i = 0; i < pieces.size(); ++i)
      if (pieces[i].score == 0 && pieces[i].text == unknown->token.content)
        return static_cast<std::int32_t>(i);
  return source.model->trainer_unknown;
}

/// Takes the texts out of the model's pieces.
std::shared_ptr<const WordModel> make_unigram(Source& source, Mode mode) {
  const std::int32_t unknown = unigram_unknown(source, mode);
  std::vector<UnigramPiece> pieces;
  pieces.reserve(source.model->pieces.size());
  for (SpmPiece& piece : source.model->pieces) pieces.push_back({std::move(piece.text), piece.score});
  return std::make_shared<const Unigram>(std::move(pieces), unknown, false);
}

/// What SpmConverter of transformers 4.57.1 makes of a BPE model.
std::shared_ptr<const WordModel> make_bpe(const SpmModel& model, const std::string& path) {
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < model.pieces.size(); ++i)
    vocabulary.add(model.pieces[i].text, static_cast<std::int64_t>(i), path);
  const std::vector<BpeMerge> merges = spm_merges(model, vocabulary, path);
  const std::string unknown = model.pieces[static_cast<std::size_t>(model.unknown)].text;
  return std::make_shared<const Bpe>(std::move(vocabulary), merges,
                                     BpeOptions{.unk_token = unknown, .fuse_unk = true}, path);
}

/// Control and user-defined pieces are added tokens of the conversion.
std::vector<TokenSpec> built_in_tokens(const SpmModel& model) {
  std::vector<TokenSpec> out;
  for (const SpmPiece& piece : model.pieces) {
    const bool control = piece.type == SpmPiece::Type::control;
    if (control || piece.type == SpmPiece::Type::user_defined)
      out.push_back({.content = piece.text, .normalized = false, .special = control});
  }
  return out;
}

/// hf4's template names [CLS] and [SEP] themselves (unknown if the vocabulary lacks them), hf5's the roles.
Template make_template(const Source& source, Mode mode, const AddedVocabulary& vocabulary) {
  const auto id = [&](const char* role, const char* name) {
    const NamedSpecial* special = source.tokens.find(role);
    const std::string content = mode == Mode::hf5 && special != nullptr ? special->token.content : name;
    return vocabulary.id(content).value_or(mode == Mode::hf5 ? 0 : source.model->unknown);
  };
  return cls_sep_template(id("cls_token", "[CLS]"), id("sep_token", "[SEP]"));
}

void set_hf_parts(Source& source, Mode mode, const std::string& path, PipelineParts& parts) {
  const bool hf5 = mode == Mode::hf5;
  parts.normalizer = hf5 ? hf5_normalizer(source) : hf4_normalizer(source);
  const bool always = !hf5 || config_flag(source.files, "add_prefix_space", true);
  const MetaspaceOptions options{.prepend = always ? PrependScheme::always : PrependScheme::first};
  parts.pre_tokenizer = hf_pre_tokenizer(source, options);
  parts.decoder = std::make_shared<MetaspaceDecoder>(options);
  parts.model = source.model->bpe ? make_bpe(*source.model, path) : make_unigram(source, mode);
}

void set_spm_parts(const Source& source, const std::string& path, PipelineParts& parts) {
  const SpmModel& model = *source.model;
  parts.normalizer = std::make_shared<SpmNormalizer>(model.normalizer, source.charsmap, model.pieces,
                                                     model.white_space_suffix);
  parts.model = std::make_shared<SpmUnigram>(source.model);
  std::shared_ptr<const Normalizer> denormalizer;
  if (model.denormalizer && !model.denormalizer->charsmap.empty())
    denormalizer = std::make_shared<SpmNormalizer>(
        *model.denormalizer, make_charsmap(model.denormalizer->charsmap, path, "denormalizer_spec"),
        std::vector<SpmPiece>{}, false);
  parts.decoder = std::make_shared<SpmDecoder>(source.model, std::move(denormalizer));
  parts.match_added_tokens = false;
}

const char* name_of(Mode mode) {
  return mode == Mode::hf5 ? "hf5" : mode == Mode::spm ? "spm" : "hf4";
}

}  // namespace

std::shared_ptr<const Tokenizer> load_sentencepiece(const std::string& folder, Mode mode) {
  Source source = read_source(folder, mode);
  const std::string path = (std::filesystem::path(folder) / "spm.model").string();
  const bool bpe = source.model->bpe;
  if (bpe && (mode == Mode::spm || mode == Mode::hf5))
    throw UserError(path + ": field 'trainer_spec.model_type': expected 1 (unigram) in mode " +
                    name_of(mode) + ", found 2 (BPE), which only mode hf4 reads");
  const std::vector<TokenSpec> built_in = built_in_tokens(*source.model);
  PipelineParts parts;
  if (mode == Mode::spm)
    set_spm_parts(source, path, parts);
  else
    set_hf_parts(source, mode, path, parts);
  AddedVocabulary vocabulary(*parts.model);
  add_hf_tokens(source.tokens, mode, built_in, vocabulary);
  parts.added_tokens = mode == Mode::hf5 ? vocabulary.latest_tokens() : vocabulary.tokens();
  parts.decode_normalized_added_tokens = mode == Mode::hf5;
  if (mode == Mode::spm)  // the library's decoder treats its own special pieces itself
    for (AddedToken& token : parts.added_tokens)
      token.special = token.special && !parts.model->id(token.content);
  parts.post_processor = make_template(source, mode, vocabulary);
  parts.specials = special_ids(source.tokens, vocabulary);
  parts.model_max_length = config_max_length(source.files);
  parts.clean_up_spaces =
      mode != Mode::spm && config_flag(source.files, "clean_up_tokenization_spaces", false);
  const std::string kind =
      std::string(bpe ? "sentencepiece BPE, " : "sentencepiece unigram, ") + name_of(mode) + ", ";
  auto tokenizer = std::make_shared<Pipeline>(std::move(parts));
  tokenizer->set_description(kind + std::to_string(tokenizer->size()) + " tokens");
  return tokenizer;
}

}  // namespace berta::tokenizer
