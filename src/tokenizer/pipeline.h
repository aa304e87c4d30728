#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/parts.h"
#include "tokenizer/template.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// Everything that makes a tokenizer. A null `normalizer` or `pre_tokenizer` does nothing; a null `decoder`
/// joins tokens with blanks.
struct PipelineParts {
  std::shared_ptr<const Normalizer> normalizer = {};
  std::shared_ptr<const PreTokenizer> pre_tokenizer = {};
  std::shared_ptr<const WordModel> model = {};
  std::shared_ptr<const Decoder> decoder = {};
  std::vector<AddedToken> added_tokens = {};
  Template post_processor = {};
  OffsetTrimming trimming = {};
  SpecialIds specials = {};
  std::optional<std::size_t> model_max_length = {};
  std::string description = {};
  bool subword_prefix = false;
  bool match_added_tokens = true;  ///< false: in a text, added tokens are ordinary text (mode spm)
  bool clean_up_spaces = false;    ///< `clean_up_tokenization_spaces` of tokenizer_config.json
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
  void set_description(std::string description) { parts_.description = std::move(description); }
  bool has_subword_prefix() const override { return parts_.subword_prefix; }

 private:
  TextTokens tokenize(std::string_view text) const;
  void tokenize_plain(AlignedText text, TextTokens& out) const;
  void tokenize_fragment(AlignedText fragment, TextTokens& out) const;
  void push_added(std::int32_t id, const AlignedText& text, std::size_t begin, std::size_t end,
                  TextTokens& out) const;
  void push_words(const std::vector<AlignedText>& words, TextTokens& out) const;
  std::size_t budget(const Template::Pieces& pieces, bool add_specials, std::size_t max_length) const;
  void reset_later_types(std::vector<Encoding>& windows) const;
  std::optional<std::string_view> name(std::int32_t id) const;

  PipelineParts parts_;
  AddedTokenMatcher raw_;         ///< added tokens looked for in the text
  AddedTokenMatcher normalized_;  ///< and in the normalised text
  std::unordered_map<std::string, std::int32_t> added_ids_;
  std::unordered_map<std::int32_t, std::string> added_names_;    ///< their contents
  std::unordered_map<std::int32_t, std::string> decoded_names_;  ///< where decoding takes another form
  std::unordered_set<std::string> special_names_;
  std::int32_t size_ = 0;
};

}  // namespace berta::tokenizer
