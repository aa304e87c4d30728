#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tokenizer/parts.h"
#include "tokenizer/pattern.h"

// The decoders of the same names of tokenizers 0.22.2.

namespace berta::tokenizer {

/// A decoder that can stand in a row with others: rewrites the tokens; at the end they are joined.
class ChainDecoder : public Decoder {
 public:
  virtual void decode_chain(std::vector<std::string>& tokens) const = 0;
  std::string decode(const std::vector<std::string>& tokens) const override;
};

/// One after the other.
class DecoderSequence : public ChainDecoder {
 public:
  explicit DecoderSequence(std::vector<std::shared_ptr<const ChainDecoder>> parts)
      : parts_(std::move(parts)) {}
  void decode_chain(std::vector<std::string>& tokens) const override;

 private:
  std::vector<std::shared_ptr<const ChainDecoder>> parts_;
};

/// Pieces without `prefix` begin with a blank (but the first); `cleanup` joins punctuation and contractions
/// to the word before, within each token.
class WordPieceDecoder : public ChainDecoder {
 public:
  explicit WordPieceDecoder(std::string prefix = "##", bool cleanup = true)
      : prefix_(std::move(prefix)), cleanup_(cleanup) {}
  void decode_chain(std::vector<std::string>& tokens) const override;

 private:
  std::string prefix_;
  bool cleanup_;
};

/// `suffix` becomes a blank, in the last token nothing.
class BpeDecoder : public ChainDecoder {
 public:
  explicit BpeDecoder(std::string suffix) : suffix_(std::move(suffix)) {}
  void decode_chain(std::vector<std::string>& tokens) const override;

 private:
  std::string suffix_;
};

/// Runs of <0xNN> become the text of these bytes, or one U+FFFD each if they are not UTF-8.
class ByteFallbackDecoder : public ChainDecoder {
 public:
  void decode_chain(std::vector<std::string>& tokens) const override;
};

/// All tokens become one.
class FuseDecoder : public ChainDecoder {
 public:
  void decode_chain(std::vector<std::string>& tokens) const override;
};

/// Drops up to `start` characters `content` at the start of each token and up to `stop` at its end.
class StripDecoder : public ChainDecoder {
 public:
  StripDecoder(char32_t content, std::uint64_t start, std::uint64_t stop)
      : content_(content), start_(start), stop_(stop) {}
  void decode_chain(std::vector<std::string>& tokens) const override;

 private:
  char32_t content_;
  std::uint64_t start_, stop_;
};

/// Each match of `pattern` in a token becomes `content`.
class ReplaceDecoder : public ChainDecoder {
 public:
  ReplaceDecoder(std::shared_ptr<const Pattern> pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void decode_chain(std::vector<std::string>& tokens) const override;

 private:
  std::shared_ptr<const Pattern> pattern_;
  std::string content_;
};

}  // namespace berta::tokenizer
