#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

#include "tokenizer/unicode_mappings_data.inc"

constexpr char32_t kHangulBase = 0xAC00, kLBase = 0x1100, kVBase = 0x1161, kTBase = 0x11A7;
constexpr char32_t kLCount = 19, kVCount = 21, kTCount = 28;

/// Index over a flat list of (code point | length << 24, sequence...), which is sorted by code point.
class Mapping {
 public:
  explicit Mapping(std::span<const std::uint32_t> items) : items_(items) {
    for (std::size_t i = 0; i < items.size(); i += 1 + (items[i] >> 24)) heads_.push_back(i);
    first_ = code_point(0);
  }

  std::span<const std::uint32_t> find(char32_t c) const {
    if (c < first_) return {};
    const auto head = std::lower_bound(heads_.begin(), heads_.end(), c,
                                       [&](std::size_t i, char32_t wanted) { return at(i) < wanted; });
    if (head == heads_.end() || at(*head) != c) return {};
    return items_.subspan(*head + 1, items_[*head] >> 24);
  }

 private:
  char32_t at(std::size_t item) const { return items_[item] & 0xFFFFFF; }
  char32_t code_point(std::size_t head) const { return at(heads_[head]); }

  std::span<const std::uint32_t> items_;
  std::vector<std::size_t> heads_;
  char32_t first_ = 0;
};

}  // namespace

std::span<const std::uint32_t> canonical_decomposition(char32_t c) {
  static const Mapping mapping(kCanonical);
  return mapping.find(c);
}

std::span<const std::uint32_t> compatibility_decomposition(char32_t c) {
  static const Mapping mapping(kCompatible);
  const auto found = mapping.find(c);
  return found.empty() ? canonical_decomposition(c) : found;
}

std::span<const std::uint32_t> lower_case(char32_t c) {
  static const Mapping mapping(kLower);
  return mapping.find(c);
}

std::uint8_t combining_class(char32_t c) {
  const auto* next = std::upper_bound(std::begin(kCombiningClasses), std::end(kCombiningClasses),
                                      (static_cast<std::uint32_t>(c) << 8) | 0xFF);
  return static_cast<std::uint8_t>(*(next - 1) & 0xFF);
}

std::optional<char32_t> compose(char32_t first, char32_t second) {
  if (first - kLBase < kLCount && second - kVBase < kVCount)
    return kHangulBase + ((first - kLBase) * kVCount + (second - kVBase)) * kTCount;
  const char32_t syllable = first - kHangulBase;
  if (syllable < kLCount * kVCount * kTCount && syllable % kTCount == 0 && second > kTBase &&
      second < kTBase + kTCount)
    return first + (second - kTBase);
  std::size_t low = 0, high = std::size(kCompositions) / 3;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const std::uint32_t* item = kCompositions + 3 * middle;
    if (item[0] == first && item[1] == second) return item[2];
    if (item[0] < first || (item[0] == first && item[1] < second))
      low = middle + 1;
    else
      high = middle;
  }
  return std::nullopt;
}

}  // namespace berta::tokenizer
