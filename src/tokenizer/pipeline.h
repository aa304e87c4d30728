#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/parts.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// One element of a template: the first text, the second text, or ids that the template adds.
struct TemplatePiece {
  enum class Kind { special, first, second };
  Kind kind = Kind::special;
  std::vector<std::int32_t> ids = {};  ///< of `special`
  std::int32_t type_id = 0;            ///< for all ids of this piece
};

/// What is put around the texts (TemplateProcessing of `tokenizers`; the other post-processors are instances
/// of it). `single` must hold `first` once, `pair` both once.
struct Template {
  std::vector<TemplatePiece> single = {{.kind = TemplatePiece::Kind::first}};
  std::vector<TemplatePiece> pair = {{.kind = TemplatePiece::Kind::first},
                                     {.kind = TemplatePiece::Kind::second, .type_id = 1}};
};

/// [CLS] A [SEP] and [CLS] A [SEP] B [SEP] with types 0 and `second_type`.
Template cls_sep_template(std::int32_t cls, std::int32_t sep, std::int32_t second_type = 1);

/// Where a text's blanks go that a token begins or ends with (ByteLevel and Roberta post-processors).
struct OffsetTrimming {
  bool enabled = false;
  bool keep_prefix_space = true;  ///< `add_prefix_space` of the post-processor
};

/// Everything that makes a tokenizer. A null `normalizer` or `pre_tokenizer` does nothing; a null `decoder`
/// joins tokens with blanks.
struct PipelineParts {
  std::shared_ptr<const Normalizer> normalizer;
  std::shared_ptr<const PreTokenizer> pre_tokenizer;
  std::shared_ptr<const WordModel> model;
  std::shared_ptr<const Decoder> decoder;
  std::vector<AddedToken> added_tokens;
  Template post_processor;
  OffsetTrimming trimming = {};
  SpecialIds specials;
  std::optional<std::size_t> model_max_length;
  std::string description;
  bool subword_prefix = false;
  bool clean_up_spaces = false;  ///< `clean_up_tokenization_spaces` of tokenizer_config.json
  /// tokenizers >= 0.23: added tokens that the normaliser changes decode to their normalised form.
  bool decode_normalized_added_tokens = false;
};

/// The one tokenizer class: added tokens are cut out, the rest is normalised, cut into words, the words into
/// vocabulary entries, and the template is put around (tokenizers 0.22.2, TokenizerImpl).
class Pipeline : public Tokenizer {
 public:
  explicit Pipeline(PipelineParts parts);

  Encoding encode(std::string_view text, const EncodeOptions& options,
                  bool* truncated = nullptr) const override;
  Encoding encode_pair(std::string_view text, std::string_view text_pair, const EncodeOptions& options,
                       bool* truncated = nullptr) const override;
  std::vector<Encoding> encode_windows(std::string_view question, std::string_view context,
                                       const WindowOptions& options) const override;
  std::vector<Encoding> encode_windows(std::string_view text, const WindowOptions& options) const override;
  std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const override;
  std::string token(std::int32_t id) const override;
  std::optional<std::int32_t> id(std::string_view token) const override;
  std::int32_t size() const override;
  const SpecialIds& specials() const override { return parts_.specials; }
  std::optional<std::size_t> model_max_length() const override { return parts_.model_max_length; }
  std::string description() const override { return parts_.description; }
  bool has_subword_prefix() const override { return parts_.subword_prefix; }

 private:
  PipelineParts parts_;
  AddedTokenMatcher raw_;         ///< added tokens looked for in the text
  AddedTokenMatcher normalized_;  ///< and in the normalised text
};

}  // namespace berta::tokenizer
