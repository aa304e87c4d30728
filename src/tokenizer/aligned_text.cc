#include "tokenizer/aligned_text.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace berta::tokenizer {

AlignedText align(std::string_view text) {
  AlignedText out;
  out.text = decode_utf8(text);
  out.origins.resize(out.text.size());
  for (std::uint32_t i = 0; i < out.origins.size(); ++i) out.origins[i] = {i, i + 1};
  return out;
}

AlignedText slice(const AlignedText& text, std::size_t begin, std::size_t end) {
  const auto from = static_cast<std::ptrdiff_t>(begin), to = static_cast<std::ptrdiff_t>(end);
  return {text.text.substr(begin, end - begin), {text.origins.begin() + from, text.origins.begin() + to}};
}

void crop(AlignedText& text, std::size_t begin, std::size_t end) {
  text.text.erase(end);
  text.text.erase(0, begin);
  text.origins.resize(end);
  text.origins.erase(text.origins.begin(), text.origins.begin() + static_cast<std::ptrdiff_t>(begin));
}

void Rewrite::replace(std::size_t removed, std::u32string_view added) {
  for (std::size_t i = 0; i < added.size(); ++i) push(added[i], i < removed ? 0 : 1);
  if (added.size() < removed && !entries_.empty())
    entries_.back().change -= static_cast<int>(removed - added.size());
}

void Rewrite::apply(AlignedText& text) const {
  AlignedText out;
  out.text.reserve(entries_.size());
  out.origins.reserve(entries_.size());
  std::size_t position = 0;
  for (const Entry& entry : entries_) {
    const bool inserted = entry.change > 0;
    const std::size_t source = inserted && position > 0 ? position - 1 : position;
    check_internal(source < text.origins.size(), "a rewrite walks out of its text");
    Offset origin = text.origins[source];
    if (inserted && position == 0) origin.end = origin.begin;
    out.text.push_back(entry.c);
    out.origins.push_back(origin);
    if (!inserted) position += 1 + static_cast<std::size_t>(-entry.change);
  }
  text = std::move(out);
}

}  // namespace berta::tokenizer
