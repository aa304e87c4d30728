#include <algorithm>
#include <span>

#include "tokenizer/aligned_text.h"
#include "tokenizer/normalizers.h"
#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

using Entries = std::vector<Rewrite::Entry>;

constexpr char32_t kHangulBase = 0xAC00, kLBase = 0x1100, kVBase = 0x1161, kTBase = 0x11A7;
constexpr char32_t kSyllables = 11172, kVCount = 21, kTCount = 28;

void push_decomposed(char32_t c, bool compatible, Entries& out) {
  if (c - kHangulBase < kSyllables) {
    const char32_t syllable = c - kHangulBase;
    out.push_back({kLBase + syllable / (kVCount * kTCount), 0});
    out.push_back({kVBase + syllable / kTCount % kVCount, 1});
    if (syllable % kTCount != 0) out.push_back({kTBase + syllable % kTCount, 1});
    return;
  }
  const auto sequence = compatible ? compatibility_decomposition(c) : canonical_decomposition(c);
  if (sequence.empty()) out.push_back({c, 0});
  for (std::size_t i = 0; i < sequence.size(); ++i) out.push_back({sequence[i], i > 0 ? 1 : 0});
}

/// Marks between two starters go by their class; equal ones keep their order.
void sort_marks(Entries& entries) {
  const auto by_class = [](const Rewrite::Entry& a, const Rewrite::Entry& b) {
    return combining_class(a.c) < combining_class(b.c);
  };
  for (auto from = entries.begin(); from != entries.end();) {
    from = std::find_if(from, entries.end(), [](const auto& e) { return combining_class(e.c) != 0; });
    const auto to =
        std::find_if(from, entries.end(), [](const auto& e) { return combining_class(e.c) == 0; });
    std::stable_sort(from, to, by_class);
    from = to;
  }
}

/// Canonical composition. A composite's change is the sum of its parts' minus one.
void compose_all(Entries& entries) {
  std::size_t to = 0;
  std::size_t starter = 0;
  bool has_starter = false;
  int last_class = -1;  // of what was kept after the starter; -1: nothing
  for (std::size_t from = 0; from < entries.size(); ++from) {
    const Rewrite::Entry entry = entries[from];
    const int c_class = combining_class(entry.c);
    const bool blocked = last_class >= 0 && (last_class == 0 || last_class >= c_class);
    if (has_starter && !blocked) {
      if (const auto composed = compose(entries[starter].c, entry.c)) {
        entries[starter] = {*composed, entries[starter].change + entry.change - 1};
        continue;
      }
    }
    if (c_class == 0) {
      starter = to;
      has_starter = true;
      last_class = -1;
    } else {
      last_class = c_class;
    }
    entries[to++] = entry;
  }
  entries.resize(to);
}

/// Below U+00A0 nothing decomposes, and below U+0300 nothing composes with what is before it.
bool is_unaffected(const std::u32string& text, UnicodeNormalizer::Form form) {
  const char32_t limit = form == UnicodeNormalizer::Form::nfc ? 0x300 : 0xA0;
  return std::all_of(text.begin(), text.end(), [limit](char32_t c) { return c < limit; });
}

}  // namespace

void UnicodeNormalizer::normalize(AlignedText& text) const {
  if (is_unaffected(text.text, form_)) return;
  const bool compatible = form_ == Form::nfkc || form_ == Form::nfkd;
  Rewrite rewrite;
  rewrite.reserve(text.text.size() + 8);
  for (const char32_t c : text.text) push_decomposed(c, compatible, rewrite.entries());
  sort_marks(rewrite.entries());
  if (form_ == Form::nfc || form_ == Form::nfkc) compose_all(rewrite.entries());
  rewrite.apply(text);
}

}  // namespace berta::tokenizer
