#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace berta::tokenizer {

/// [begin, end) in code points.
struct PatternMatch {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// What Split and Replace look for: a text as it stands, or a regular expression of tokenizer.json. Const and
/// shared by threads.
class Pattern {
 public:
  virtual ~Pattern() = default;
  /// All matches from left to right, none overlapping; empty ones too, but not right behind another.
  virtual std::vector<PatternMatch> find_all(std::u32string_view text) const = 0;
};

/// `text` as it stands. An empty one matches before every code point and at the end.
std::shared_ptr<const Pattern> literal_pattern(std::u32string text);

/// A regular expression in oniguruma's Ruby syntax, as tokenizers 0.22.2 reads it, run by PCRE2.
/// Alike: \p{..} of categories and common scripts, \w, \d, \s, \h with oniguruma's sets of Unicode 16.0; ^
/// and $ at every line; (?m) for dots that match line ends; \v, \uHHHH, {,n}. Different: \b rests on PCRE2's
/// \w (marks are no word characters), [[:posix:]], rare scripts and other properties on its Unicode version;
/// (?i) folds one code point to one only; an option in the middle of a group does not reach over the bars
/// behind it. Refused: nested classes, && in classes, (?~absent), (*verbs). `where` begins the errors ("FILE:
/// key 'normalizer.pattern.Regex'"): UserError if it does not compile here, or later if a text takes it too
/// many steps.
std::shared_ptr<const Pattern> regex_pattern(std::string_view expression, const std::string& where);

/// The expression as PCRE2 shall read it (see regex_pattern).
std::string translate_expression(std::string_view expression, const std::string& where);

}  // namespace berta::tokenizer
