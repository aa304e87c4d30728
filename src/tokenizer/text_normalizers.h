#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tokenizer/parts.h"
#include "tokenizer/pattern.h"

// Normalisers of BERT folders and of tokenizer.json beside those of normalizers.h, as those of the same names
// of tokenizers 0.22.2, ranges included.

namespace berta::tokenizer {

struct BertNormalizerOptions {
  bool clean_text = true;                  ///< control characters go, White_Space becomes a blank
  bool handle_chinese_chars = true;        ///< a blank on both sides of each ideograph
  std::optional<bool> strip_accents = {};  ///< NFD without nonspacing marks; nothing: as `lowercase`
  bool lowercase = true;
};

class BertNormalizer : public Normalizer {
 public:
  explicit BertNormalizer(BertNormalizerOptions options = {}) : options_(options) {}
  void normalize(AlignedText& text) const override;

 private:
  BertNormalizerOptions options_;
};

/// Drops all marks.
class StripAccents : public Normalizer {
 public:
  void normalize(AlignedText& text) const override;
};

/// Control characters go, odd blanks become U+0020 (the rules of SentencePiece's nmt).
class NmtNormalizer : public Normalizer {
 public:
  void normalize(AlignedText& text) const override;
};

/// Puts `prefix` in front of a text that is not empty; it carries the range of the first code point.
class PrependNormalizer : public Normalizer {
 public:
  explicit PrependNormalizer(std::u32string prefix) : prefix_(std::move(prefix)) {}
  void normalize(AlignedText& text) const override;

 private:
  std::u32string prefix_;
};

/// Each match of `pattern` becomes `content`, which carries the range of the match's last code point.
class ReplaceNormalizer : public Normalizer {
 public:
  ReplaceNormalizer(std::shared_ptr<const Pattern> pattern, std::u32string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void normalize(AlignedText& text) const override;

 private:
  std::shared_ptr<const Pattern> pattern_;
  std::u32string content_;
};

}  // namespace berta::tokenizer
