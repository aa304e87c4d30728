#include "tokenizer/normalizers.h"

#include "tokenizer/aligned_text.h"
#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

/// Puts one blank for each run that `run_length` finds (0: none begins here), with the run's last range.
template <class RunLength>
void collapse(AlignedText& text, const RunLength& run_length) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.text.size();) {
    const std::size_t run = run_length(std::u32string_view(text.text).substr(from));
    const std::size_t last = run == 0 ? from : from + run - 1;
    text.text[to] = run == 0 ? text.text[from] : U' ';
    text.origins[to] = text.origins[last];
    ++to;
    from = last + 1;
  }
  text.text.resize(to);
  text.origins.resize(to);
}

template <class Member>
std::size_t count_leading(std::u32string_view text, const Member& member) {
  std::size_t count = 0;
  while (count < text.size() && member(text[count])) ++count;
  return count;
}

}  // namespace

void NormalizerSequence::normalize(AlignedText& text) const {
  for (const auto& part : parts_) part->normalize(text);
}

void StripNormalizer::normalize(AlignedText& text) const {
  std::size_t begin = 0, end = text.text.size();
  while (left_ && begin < end && is_white_space(text.text[begin])) ++begin;
  while (right_ && end > begin && is_white_space(text.text[end - 1])) --end;
  if (begin > 0 || end < text.text.size()) crop(text, begin, end);
}

void LowercaseNormalizer::normalize(AlignedText& text) const {
  Rewrite rewrite;
  rewrite.reserve(text.text.size());
  bool modified = false;
  for (const char32_t c : text.text) {
    const auto lower = lower_case(c);
    modified = modified || !lower.empty();
    if (lower.empty()) rewrite.push(c, 0);
    for (std::size_t i = 0; i < lower.size(); ++i) rewrite.push(lower[i], i > 0 ? 1 : 0);
  }
  if (modified) rewrite.apply(text);
}

void CollapseBlanks::normalize(AlignedText& text) const {
  if (text.text.find(U"  ") == std::u32string::npos) return;
  collapse(text, [](std::u32string_view rest) {
    if (rest[0] != U' ') return std::size_t{0};
    return count_leading(rest, [](char32_t c) { return c == U' '; });
  });
}

void CollapseWhiteSpace::normalize(AlignedText& text) const {
  collapse(text, [](std::u32string_view rest) {
    const char32_t c = rest[0];
    if (c > U' ' && c < 0x85) return std::size_t{0};
    const std::size_t run = count_leading(rest, is_white_space);
    return run > 1 || c == U'\n' || c == U'\r' || c == U'\t' ? run : 0;
  });
}

}  // namespace berta::tokenizer
