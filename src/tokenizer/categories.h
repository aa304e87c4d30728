#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace berta::tokenizer {

/// Inclusive ranges of code points, ascending and apart.
using CodePointRanges = std::vector<std::pair<char32_t, char32_t>>;

/// Ranges of a general category of Unicode 16.0 ("Lu"), a group of them ("L") or "Any"; nothing for another
/// name. The version is that of the regular expressions of tokenizers 0.22.2.
std::optional<CodePointRanges> category_ranges(std::string_view name);

/// Ranges of a common script ("han"), in lower case; nothing for another name.
std::optional<CodePointRanges> script_ranges(std::string_view name);

/// What \w, \d and \s mean in the patterns of tokenizer.json (oniguruma as tokenizers 0.22.2 has it).
CodePointRanges word_ranges();
CodePointRanges digit_ranges();
CodePointRanges space_ranges();

/// All code points that are in none of `ranges` (which need not be sorted), surrogates left out.
CodePointRanges complement(CodePointRanges ranges);

}  // namespace berta::tokenizer
