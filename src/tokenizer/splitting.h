#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "tokenizer/parts.h"
#include "tokenizer/pattern.h"

// Pre-tokenisers that cut words at delimiters, as those of the same names of tokenizers 0.22.2.

namespace berta::tokenizer {

/// What becomes of the delimiters: "the-final--end" cut at '-' gives
/// removed: the final end; isolated: the - final - - end; merged_with_previous: the- final- - end;
/// merged_with_next: the -final - -end; contiguous: the - final -- end.
enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

/// Part of a text that is a delimiter or lies between two.
struct Segment {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool delimiter = false;
};

/// Cuts a text: the parts that stay, in order. The segments must cover it in order; empty ones may take part
/// in the merging, but give no word.
void cut(const AlignedText& text, std::vector<Segment> segments, SplitBehavior behavior,
         std::vector<AlignedText>& out);

/// Split: delimiters are the matches of a pattern, or with `invert` what lies between them.
class PatternSplit : public PreTokenizer {
 public:
  PatternSplit(std::shared_ptr<const Pattern> pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}
  void split(std::vector<AlignedText>& words) const override;

 private:
  std::shared_ptr<const Pattern> pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

/// Cuts at every code point for which a predicate holds: Punctuation, Digits, WhitespaceSplit,
/// CharDelimiterSplit.
class CharacterSplit : public PreTokenizer {
 public:
  using Predicate = bool (*)(char32_t c, char32_t wanted);
  CharacterSplit(Predicate predicate, SplitBehavior behavior, char32_t wanted = 0)
      : predicate_(predicate), behavior_(behavior), wanted_(wanted) {}
  void split(std::vector<AlignedText>& words) const override;

 private:
  Predicate predicate_;
  SplitBehavior behavior_;
  char32_t wanted_;
};

CharacterSplit punctuation_split(SplitBehavior behavior);
CharacterSplit digit_split(bool individual_digits);
CharacterSplit white_space_split();
CharacterSplit character_split(char32_t delimiter);

/// Whitespace: words are `\w+` and `[^\w\s]+`.
class WhitespaceWords : public PreTokenizer {
 public:
  void split(std::vector<AlignedText>& words) const override;
};

/// BertPreTokenizer: cut at White_Space, which goes, and around each punctuation character.
class BertWords : public PreTokenizer {
 public:
  void split(std::vector<AlignedText>& words) const override;
};

}  // namespace berta::tokenizer
