#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// A token with an id of its own that is cut out of the text before the vocabulary is asked.
struct AddedToken {
  std::string content;
  std::int32_t id = 0;
  bool single_word = false;  ///< no word character next to it
  bool lstrip = false;       ///< takes the white space on its left
  bool rstrip = false;       ///< takes the white space on its right
  bool normalized = false;   ///< looked for in the normalised text, after normalising its content
  bool special = false;      ///< left out by decode(skip_special_tokens)
};

/// Part of a text: an added token's id, or plain text (-1); [begin, end) in code points.
struct AddedTokenSplit {
  std::int32_t id = -1;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Finds added tokens: leftmost, of these the longest (AddedVocabulary::find_matches of tokenizers 0.22.2).
class AddedTokenMatcher {
 public:
  AddedTokenMatcher() = default;

  /// `contents[i]`: the code points by which `tokens[i]` is found; empty ones are never found. Of equal ones
  /// the first wins.
  AddedTokenMatcher(std::vector<AddedToken> tokens, std::vector<std::u32string> contents);

  bool empty() const { return entries_.empty(); }

  /// The parts of `text` in order; they cover it (but for matches that reach into each other by `rstrip`).
  /// One plain part for a text without a match, none for an empty text.
  void split(std::u32string_view text, std::vector<AddedTokenSplit>& out) const;

 private:
  struct Entry {
    std::u32string content;
    AddedToken token;
  };
  const Entry* longest_at(std::u32string_view text, std::size_t position) const;

  std::vector<Entry> entries_;  ///< sorted by first code point, then longest first
  std::vector<char32_t> firsts_;
};

}  // namespace berta::tokenizer
