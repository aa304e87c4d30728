#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// Text on its way through the pipeline: code points, each with the range of original code points that it
/// stands for (what `tokenizers` calls alignments; deberta.md 3.5 lays down how each step moves them).
struct AlignedText {
  std::u32string text;
  std::vector<Offset> origins;  ///< one a code point of `text`
};

/// Rewrites a text: NFC, lower-casing, a precompiled charsmap, ...
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void normalize(AlignedText& text) const = 0;
};

/// Cuts normalised texts into words (and may rewrite them: Metaspace, byte level).
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// Replaces `words` by the cut ones; none may be empty.
  virtual void split(std::vector<AlignedText>& words) const = 0;
};

/// One token of a word: [begin, end) are code points of the word.
struct WordToken {
  std::int32_t id = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Cuts a word into vocabulary entries: unigram, BPE, WordPiece. Const and shared by threads.
class WordModel {
 public:
  virtual ~WordModel() = default;
  /// Appends the tokens of `word` to `out`.
  virtual void tokenize(std::u32string_view word, std::vector<WordToken>& out) const = 0;
  virtual std::optional<std::int32_t> id(std::string_view token) const = 0;
  virtual std::optional<std::string_view> token(std::int32_t id) const = 0;
  virtual std::int32_t size() const = 0;  ///< largest id + 1
};

/// Token names back to text.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual std::string decode(const std::vector<std::string>& tokens) const = 0;
};

}  // namespace berta::tokenizer
