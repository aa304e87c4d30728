#include "tokenizer/added_tokens.h"

#include <algorithm>

#include "tokenizer/unicode.h"

namespace berta::tokenizer {

AddedTokenMatcher::AddedTokenMatcher(std::vector<AddedToken> tokens, std::vector<std::u32string> contents) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (contents[i].empty()) continue;
    entries_.push_back({std::move(contents[i]), std::move(tokens[i])});
  }
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    if (a.content[0] != b.content[0]) return a.content[0] < b.content[0];
    return a.content.size() > b.content.size();
  });
  for (const Entry& entry : entries_)
    if (firsts_.empty() || firsts_.back() != entry.content[0]) firsts_.push_back(entry.content[0]);
}

const AddedTokenMatcher::Entry* AddedTokenMatcher::longest_at(std::u32string_view text,
                                                              std::size_t position) const {
  const char32_t first = text[position];
  auto entry = std::lower_bound(entries_.begin(), entries_.end(), first,
                                [](const Entry& e, char32_t c) { return e.content[0] < c; });
  for (; entry != entries_.end() && entry->content[0] == first; ++entry)
    if (text.substr(position, entry->content.size()) == entry->content) return &*entry;
  return nullptr;
}

namespace {

/// The match [begin, end) widened by its token's rules; false if its neighbours forbid it. `taken`: where
/// the match before ends.
bool widen(std::u32string_view text, const AddedToken& token, std::size_t taken, AddedTokenSplit& match) {
  if (token.single_word && ((match.begin > 0 && is_word_character(text[match.begin - 1])) ||
                            (match.end < text.size() && is_word_character(text[match.end]))))
    return false;
  if (token.lstrip) {
    while (match.begin > 0 && is_white_space(text[match.begin - 1])) --match.begin;
    match.begin = std::max(match.begin, taken);
  }
  if (token.rstrip)
    while (match.end < text.size() && is_white_space(text[match.end])) ++match.end;
  return true;
}

}  // namespace

void AddedTokenMatcher::split(std::u32string_view text, std::vector<AddedTokenSplit>& out) const {
  std::size_t taken = 0;
  for (std::size_t position = 0; position < text.size();) {
    const bool possible = firsts_.size() < 8
                              ? std::find(firsts_.begin(), firsts_.end(), text[position]) != firsts_.end()
                              : std::binary_search(firsts_.begin(), firsts_.end(), text[position]);
    const Entry* entry = possible ? longest_at(text, position) : nullptr;
    if (entry == nullptr) {
      ++position;
      continue;
    }
    // The search goes on behind the bare match, also where rstrip takes more.
    AddedTokenSplit match{entry->token.id, position, position + entry->content.size()};
    position = match.end;
    if (!widen(text, entry->token, taken, match)) continue;
    if (taken < match.begin) out.push_back({-1, taken, match.begin});
    out.push_back(match);
    taken = match.end;
  }
  if (taken < text.size()) out.push_back({-1, taken, text.size()});
}

}  // namespace berta::tokenizer
