#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace berta::tokenizer {

/// Grapheme_Cluster_Break of Unicode 16.0 (UAX #29), with Extended_Pictographic, which is disjoint from all.
enum class GraphemeBreak : std::uint8_t {
  other,
  carriage_return,
  line_feed,
  control,
  extend,
  zero_width_joiner,
  regional_indicator,
  prepend,
  spacing_mark,
  hangul_l,
  hangul_v,
  hangul_t,
  hangul_lv,
  hangul_lvt,
  extended_pictographic,
};

/// Indic_Conjunct_Break of Unicode 16.0.
enum class ConjunctBreak : std::uint8_t { none, consonant, extend, linker };

/// Sets of code points; a code point's record holds one bit each.
enum class CodePointFlag : std::uint16_t {
  white_space = 1u << 0,       ///< White_Space (16.0): Rust's char::is_whitespace and \s of the regex engines
  letter = 1u << 1,            ///< General_Category L* (16.0), \p{L}
  number = 1u << 2,            ///< N* (16.0), \p{N}
  mark = 1u << 3,              ///< M* (16.0), \p{M}
  punctuation = 1u << 4,       ///< P* (16.0), \p{P}
  word = 1u << 5,              ///< \w of Rust's regex: Alphabetic, M, Nd, Pc, Join_Control (16.0)
  bert_punctuation = 1u << 6,  ///< what `tokenizers` cuts at: ASCII punctuation and P* of its older table
  bert_control = 1u << 7,      ///< what its BertNormalizer drops: C* of the older table, U+0000, U+FFFD
  bert_nonspacing_mark = 1u << 8,  ///< what its BertNormalizer drops as an accent: Mn of the older table
  accent = 1u << 9,                ///< what its StripAccents drops: M* of Unicode 9.0
};

struct CodePointProperties {
  std::uint16_t flags = 0;
  GraphemeBreak grapheme = GraphemeBreak::other;
  ConjunctBreak conjunct = ConjunctBreak::none;

  bool has(CodePointFlag flag) const { return (flags & static_cast<std::uint16_t>(flag)) != 0; }
};

/// The record of any code point (one of "other" above U+10FFFF).
const CodePointProperties& code_point_properties(char32_t c);

inline bool is_white_space(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::white_space);
}
inline bool is_letter(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::letter);
}
inline bool is_number(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::number);
}
inline bool is_mark(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::mark);
}
inline bool is_punctuation(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::punctuation);
}
inline bool is_word_character(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::word);
}
inline bool is_bert_punctuation(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::bert_punctuation);
}
/// Includes U+0000 and U+FFFD; not tab, line feed, carriage return (BertNormalizer makes blanks of them).
inline bool is_bert_control(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::bert_control);
}
inline bool is_bert_nonspacing_mark(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::bert_nonspacing_mark);
}
inline bool is_accent(char32_t c) {
  return code_point_properties(c).has(CodePointFlag::accent);
}

/// Canonical combining class of Unicode 9.0, as `tokenizers` has it (later marks count as class 0).
std::uint8_t combining_class(char32_t c);

/// Full canonical decomposition of one code point but Hangul syllables; empty where it is itself.
std::span<const std::uint32_t> canonical_decomposition(char32_t c);

/// Full compatibility decomposition (the canonical one where there is no other); empty where it is itself.
std::span<const std::uint32_t> compatibility_decomposition(char32_t c);

/// The primary composite of two code points, Hangul included.
std::optional<char32_t> compose(char32_t first, char32_t second);

/// Full lower-casing of one code point without context, as Rust's char::to_lowercase; empty where it is
/// itself.
std::span<const std::uint32_t> lower_case(char32_t c);

/// Length in code points of the extended grapheme cluster (UAX #29 of 16.0) that begins at text[0], which
/// must begin a cluster; 0 for an empty text.
std::size_t grapheme_length(std::u32string_view text);

}  // namespace berta::tokenizer
