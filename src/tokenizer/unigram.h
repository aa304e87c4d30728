#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/parts.h"
#include "tokenizer/piece_trie.h"

namespace berta::tokenizer {

/// One entry of a unigram vocabulary.
struct UnigramPiece {
  std::string text;
  double score = 0;
};

/// Unigram of tokenizers 0.22.2: the best path through a word by sums in double; of equal ones the earlier
/// start stays. Where no piece of one code point begins, an unknown of one code point with the lowest score
/// - 10 takes part; unknowns in a row become one token.
class Unigram : public WordModel {
 public:
  /// A later piece of the same text takes the place of an earlier one. `unknown`: id of the unknown piece;
  /// without one, a word that needs it throws UserError. `byte_fallback`: an unknown run becomes the pieces
  /// <0x00>...<0xFF> of its bytes if all are there. Throws UserError if `unknown` is out of range.
  Unigram(std::vector<UnigramPiece> pieces, std::optional<std::int32_t> unknown, bool byte_fallback);

  void tokenize(std::u32string_view word, std::vector<WordToken>& out) const override;
  std::optional<std::int32_t> id(std::string_view token) const override;
  std::optional<std::string_view> token(std::int32_t id) const override;
  std::int32_t size() const override { return static_cast<std::int32_t>(pieces_.size()); }

 private:
  void emit_unknown(std::u32string_view word, std::uint32_t begin, std::uint32_t end,
                    std::vector<WordToken>& out) const;

  std::vector<UnigramPiece> pieces_;
  PieceTrie trie_;
  std::optional<std::int32_t> unknown_;
  bool byte_fallback_;
  double unknown_score_ = 0;
};

}  // namespace berta::tokenizer
