#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/decoders.h"
#include "tokenizer/parts.h"

// The byte level of GPT-2: a text's UTF-8 bytes written as 256 printable code points, and the words that the
// pattern of GPT-2 cuts. As tokenizers 0.22.2 `pre_tokenizers::byte_level`.

namespace berta::tokenizer {

/// The code point that stands for a byte: itself if printable in Latin-1, else U+0100 + how many came before.
char32_t byte_to_character(unsigned char byte);

/// The byte that a code point stands for; nothing for other code points.
std::optional<unsigned char> character_to_byte(char32_t c);

/// End of the word that begins at `begin` (< text.size()) by GPT-2's pattern
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` with L and N of Unicode 16.0.
/// Every text is covered by such words.
std::size_t gpt2_word_end(std::u32string_view text, std::size_t begin);

struct ByteLevelOptions {
  bool add_prefix_space = false;  ///< a blank in front of a text that has none
  bool use_regex = true;          ///< cut by gpt2_word_end
};

class ByteLevel : public PreTokenizer {
 public:
  explicit ByteLevel(ByteLevelOptions options = {}) : options_(options) {}
  void split(std::vector<AlignedText>& words) const override;

 private:
  ByteLevelOptions options_;
};

/// Writes the whole text in the byte alphabet.
class ByteLevelNormalizer : public Normalizer {
 public:
  void normalize(AlignedText& text) const override;
};

/// Tokens in the byte alphabet back to text; tokens with other characters are taken as they are, bytes that
/// are not UTF-8 become U+FFFD (one for each maximal part of a sequence).
class ByteLevelDecoder : public ChainDecoder {
 public:
  void decode_chain(std::vector<std::string>& tokens) const override;
};

}  // namespace berta::tokenizer
