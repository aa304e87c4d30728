#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "tokenizer/parts.h"

// The normalisers that DeBERTa's SentencePiece folders need; each as the one of the same name of tokenizers
// 0.22.2, ranges included.

namespace berta::tokenizer {

/// One after the other.
class NormalizerSequence : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::shared_ptr<const Normalizer>> parts)
      : parts_(std::move(parts)) {}
  void normalize(AlignedText& text) const override;

 private:
  std::vector<std::shared_ptr<const Normalizer>> parts_;
};

/// Drops White_Space at the ends.
class StripNormalizer : public Normalizer {
 public:
  StripNormalizer(bool left, bool right) : left_(left), right_(right) {}
  void normalize(AlignedText& text) const override;

 private:
  bool left_, right_;
};

/// Full lower-casing without context.
class LowercaseNormalizer : public Normalizer {
 public:
  void normalize(AlignedText& text) const override;
};

/// NFC, NFD, NFKC, NFKD with the tables of Unicode 9.0.
class UnicodeNormalizer : public Normalizer {
 public:
  enum class Form { nfc, nfd, nfkc, nfkd };
  explicit UnicodeNormalizer(Form form) : form_(form) {}
  void normalize(AlignedText& text) const override;

 private:
  Form form_;
};

/// Replace(" {2,}", " "): the blank left carries the range of the run's last one.
class CollapseBlanks : public Normalizer {
 public:
  void normalize(AlignedText& text) const override;
};

/// Replace("\s{2,}|[\n\r\t]", " ") with the same rule.
class CollapseWhiteSpace : public Normalizer {
 public:
  void normalize(AlignedText& text) const override;
};

}  // namespace berta::tokenizer
