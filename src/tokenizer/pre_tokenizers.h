#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "tokenizer/decoders.h"
#include "tokenizer/parts.h"

// Pre-tokenisers and the decoder of DeBERTa's SentencePiece folders, as those of the same name of tokenizers
// 0.22.2, ranges included.

namespace berta::tokenizer {

/// One after the other.
class PreTokenizerSequence : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<std::shared_ptr<const PreTokenizer>> parts)
      : parts_(std::move(parts)) {}
  void split(std::vector<AlignedText>& words) const override;

 private:
  std::vector<std::shared_ptr<const PreTokenizer>> parts_;
};

/// Punctuation("isolated"): each punctuation character is a word of its own.
class IsolatePunctuation : public PreTokenizer {
 public:
  void split(std::vector<AlignedText>& words) const override;
};

/// When Metaspace puts its mark in front of a word that does not begin with one.
enum class PrependScheme { always, first, never };

struct MetaspaceOptions {
  char32_t replacement = 0x2581;
  PrependScheme prepend = PrependScheme::always;
  bool split = true;  ///< cut before every mark
};

/// Blanks become marks. The mark put in front carries the range of the word's first code point.
class Metaspace : public PreTokenizer {
 public:
  explicit Metaspace(MetaspaceOptions options = {}) : options_(options) {}
  void split(std::vector<AlignedText>& words) const override;

 private:
  MetaspaceOptions options_;
};

/// Marks become blanks; those of the first token vanish unless `prepend` is never.
class MetaspaceDecoder : public ChainDecoder {
 public:
  explicit MetaspaceDecoder(MetaspaceOptions options = {}) : options_(options) {}
  void decode_chain(std::vector<std::string>& tokens) const override;

 private:
  MetaspaceOptions options_;
};

}  // namespace berta::tokenizer
