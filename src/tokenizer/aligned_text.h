#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "tokenizer/parts.h"

namespace berta::tokenizer {

/// Decodes valid UTF-8; each code point stands for itself.
AlignedText align(std::string_view text);

/// Part of a text.
AlignedText slice(const AlignedText& text, std::size_t begin, std::size_t end);

/// Keeps [begin, end) of the text.
void crop(AlignedText& text, std::size_t begin, std::size_t end);

/// Collects a text's new code points, each with the change that it makes to the walk over the old ones, and
/// then applies them (NormalizedString::transform of tokenizers 0.22.2). A change of 0 takes the place of one
/// old code point, 1 is inserted (it gets the range of the old one before), -k takes the place of one and
/// drops the k behind it.
class Rewrite {
 public:
  struct Entry {
    char32_t c = 0;
    int change = 0;
  };

  void reserve(std::size_t count) { entries_.reserve(count); }
  void push(char32_t c, int change) { entries_.push_back({c, change}); }

  /// `removed` old code points become `added`: the first ones take their places, more are inserted; what is
  /// left over is dropped behind the last entry so far (and lost if there is none; a bug of `tokenizers`).
  void replace(std::size_t removed, std::u32string_view added);

  std::vector<Entry>& entries() { return entries_; }

  /// Replaces the text.
  void apply(AlignedText& text) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace berta::tokenizer
