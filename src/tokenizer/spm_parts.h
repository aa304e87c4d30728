#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/charsmap.h"
#include "tokenizer/parts.h"
#include "tokenizer/piece_trie.h"
#include "tokenizer/spm_model.h"

// The parts of mode spm: what the SentencePiece library 0.2.3 does with a whole text (deberta.md 3.5).

namespace berta::tokenizer {

/// Charsmap by the longest key, user-defined pieces kept as they are, blanks merged and escaped. A code point
/// made carries the original range from its own key's begin to that of the next one's.
class SpmNormalizer : public Normalizer {
 public:
  /// `charsmap` may be null.
  SpmNormalizer(const SpmNormalizerSpec& spec, std::shared_ptr<const Charsmap> charsmap,
                const std::vector<SpmPiece>& pieces, bool white_space_suffix);
  void normalize(AlignedText& text) const override;

 private:
  friend class SpmRewriter;
  SpmNormalizerSpec spec_;  ///< without the charsmap's bytes
  std::shared_ptr<const Charsmap> charsmap_;
  PieceTrie user_defined_;
  bool has_user_defined_ = false;
  bool suffix_;
};

/// Unigram over a whole text with sums in float. Unknown code points become byte pieces (the last of them
/// carries the range, the others an empty one) or, without byte fallback, runs of one unknown.
class SpmUnigram : public WordModel {
 public:
  explicit SpmUnigram(std::shared_ptr<const SpmModel> model);
  void tokenize(std::u32string_view word, std::vector<WordToken>& out) const override;
  std::optional<std::int32_t> id(std::string_view token) const override;
  std::optional<std::string_view> token(std::int32_t id) const override;
  std::int32_t size() const override { return static_cast<std::int32_t>(model_->pieces.size()); }

 private:
  void push_bytes(char32_t c, std::uint32_t position, std::vector<WordToken>& out) const;

  std::shared_ptr<const SpmModel> model_;
  PieceTrie trie_;  ///< of the pieces that a text may match
  std::unordered_map<std::string_view, std::int32_t> reserved_;
  std::vector<std::int32_t> byte_ids_;
  float unknown_score_ = 0;
};

/// Decode of the library: control pieces vanish, byte pieces become characters, the first blank goes.
class SpmDecoder : public Decoder {
 public:
  /// `denormalizer` may be null.
  SpmDecoder(std::shared_ptr<const SpmModel> model, std::shared_ptr<const Normalizer> denormalizer);
  std::string decode(const std::vector<std::string>& tokens) const override;

 private:
  std::string surface(const std::string& token, bool at_begin, bool& took_blank) const;

  std::shared_ptr<const SpmModel> model_;
  std::shared_ptr<const Normalizer> denormalizer_;
  std::unordered_map<std::string_view, SpmPiece::Type> reserved_;
};

}  // namespace berta::tokenizer
