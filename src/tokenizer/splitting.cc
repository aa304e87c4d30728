#include "tokenizer/splitting.h"

#include <algorithm>

#include "tokenizer/aligned_text.h"
#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

/// Joins neighbours as contiguous and merged_with_previous have it (AHEAD of a delimiter lies its word), or,
/// of segments in reverse order, merged_with_next.
std::vector<Segment> merge(const std::vector<Segment>& segments, bool contiguous) {
  std::vector<Segment> out;
  bool previous = false;
  for (const Segment& segment : segments) {
    const bool joins = contiguous ? segment.delimiter == previous : segment.delimiter && !previous;
    if (joins && !out.empty()) {
      out.back().begin = std::min(out.back().begin, segment.begin);
      out.back().end = std::max(out.back().end, segment.end);
    } else {
      out.push_back({segment.begin, segment.end, false});
    }
    previous = segment.delimiter;
  }
  return out;
}

/// Numeric code points that Unicode 17.0 added to N*; the tables of \p{N} are those of 16.0.
bool is_newly_numeric(char32_t c) {
  return (c >= 0x11DE0 && c <= 0x11DE9) || (c >= 0x16FF4 && c <= 0x16FF6);
}

}  // namespace

void cut(const AlignedText& text, std::vector<Segment> segments, SplitBehavior behavior,
         std::vector<AlignedText>& out) {
  switch (behavior) {
    case SplitBehavior::removed:
      break;
    case SplitBehavior::isolated:
      for (Segment& segment : segments) segment.delimiter = false;
      break;
    case SplitBehavior::contiguous:
      segments = merge(segments, true);
      break;
    case SplitBehavior::merged_with_previous:
      segments = merge(segments, false);
      break;
    case SplitBehavior::merged_with_next:
      std::reverse(segments.begin(), segments.end());
      segments = merge(segments, false);
      std::reverse(segments.begin(), segments.end());
      break;
  }
  for (const Segment& segment : segments) {
    if (!segment.delimiter && segment.begin < segment.end)
      out.push_back(slice(text, segment.begin, segment.end));
  }
}

void PatternSplit::split(std::vector<AlignedText>& words) const {
  std::vector<AlignedText> out;
  std::vector<Segment> segments;
  for (const AlignedText& text : words) {
    segments.clear();
    std::size_t end = 0;
    for (const PatternMatch& match : pattern_->find_all(text.text)) {
      if (match.begin > end) segments.push_back({end, match.begin, invert_});
      segments.push_back({match.begin, match.end, !invert_});
      end = match.end;
    }
    if (end < text.text.size()) segments.push_back({end, text.text.size(), invert_});
    cut(text, segments, behavior_, out);
  }
  words = std::move(out);
}

void CharacterSplit::split(std::vector<AlignedText>& words) const {
  std::vector<AlignedText> out;
  std::vector<Segment> segments;
  for (const AlignedText& text : words) {
    segments.clear();
    std::size_t end = 0;
    for (std::size_t i = 0; i < text.text.size(); ++i) {
      if (!predicate_(text.text[i], wanted_)) continue;
      if (i > end) segments.push_back({end, i, false});
      segments.push_back({i, i + 1, true});
      end = i + 1;
    }
    if (end < text.text.size()) segments.push_back({end, text.text.size(), false});
    cut(text, segments, behavior_, out);
  }
  words = std::move(out);
}

CharacterSplit punctuation_split(SplitBehavior behavior) {
  return CharacterSplit([](char32_t c, char32_t) { return is_bert_punctuation(c); }, behavior);
}

CharacterSplit digit_split(bool individual_digits) {
  return CharacterSplit([](char32_t c, char32_t) { return is_number(c) || is_newly_numeric(c); },
                        individual_digits ? SplitBehavior::isolated : SplitBehavior::contiguous);
}

CharacterSplit white_space_split() {
  return CharacterSplit([](char32_t c, char32_t) { return is_white_space(c); }, SplitBehavior::removed);
}

CharacterSplit character_split(char32_t delimiter) {
  return CharacterSplit([](char32_t c, char32_t wanted) { return c == wanted; }, SplitBehavior::removed,
                        delimiter);
}

void WhitespaceWords::split(std::vector<AlignedText>& words) const {
  std::vector<AlignedText> out;
  for (const AlignedText& text : words) {
    const std::u32string& all = text.text;
    for (std::size_t begin = 0; begin < all.size();) {
      const bool word = is_word_character(all[begin]);
      if (!word && is_white_space(all[begin])) {
        ++begin;
        continue;
      }
      std::size_t end = begin + 1;
      while (end < all.size() && is_word_character(all[end]) == word && (word || !is_white_space(all[end])))
        ++end;
      out.push_back(slice(text, begin, end));
      begin = end;
    }
  }
  words = std::move(out);
}

void BertWords::split(std::vector<AlignedText>& words) const {
  std::vector<AlignedText> out;
  for (const AlignedText& text : words) {
    const std::u32string& all = text.text;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= all.size(); ++i) {
      const bool punctuation = i < all.size() && is_bert_punctuation(all[i]);
      if (i < all.size() && !punctuation && !is_white_space(all[i])) continue;
      if (begin < i) out.push_back(slice(text, begin, i));
      if (punctuation) out.push_back(slice(text, i, i + 1));
      begin = i + 1;
    }
  }
  words = std::move(out);
}

}  // namespace berta::tokenizer
