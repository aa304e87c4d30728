#include "tokenizer/categories.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace berta::tokenizer {
namespace {

/// Runs of equal code points from U+0000 on: length * 32 + index into kNames.
constexpr std::uint32_t kRuns[] = {
#include "tokenizer/categories_data.inc"
};

constexpr std::string_view kNames[] = {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd",
                                       "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
                                       "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cs"};

struct Script {
  std::string_view name;
  CodePointRanges ranges;
};

const std::vector<Script>& scripts() {
  static const std::vector<Script> all = {
#include "tokenizer/scripts_data.inc"
  };
  return all;
}

constexpr char32_t kLast = 0x10FFFF;

/// Bit i: the category kNames[i] is `name` or of the group `name`.
std::uint32_t categories_named(std::string_view name) {
  std::uint32_t set = 0;
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name || (name.size() == 1 && kNames[i][0] == name[0])) set |= 1u << i;
  }
  return set;
}

CodePointRanges ranges_of(std::uint32_t set) {
  CodePointRanges ranges;
  char32_t begin = 0;
  for (const std::uint32_t run : kRuns) {
    const char32_t end = begin + run / 32;
    if (((set >> (run % 32)) & 1u) != 0) {
      if (!ranges.empty() && ranges.back().second + 1 == begin) {
        ranges.back().second = end - 1;
      } else {
        ranges.emplace_back(begin, end - 1);
      }
    }
    begin = end;
  }
  return ranges;
}

/// Sorts and joins what touches or overlaps.
CodePointRanges joined(CodePointRanges ranges) {
  std::sort(ranges.begin(), ranges.end());
  CodePointRanges out;
  for (const auto& [begin, end] : ranges) {
    if (!out.empty() && begin <= out.back().second + 1) {
      out.back().second = std::max(out.back().second, end);
    } else {
      out.emplace_back(begin, end);
    }
  }
  return out;
}

}  // namespace

std::optional<CodePointRanges> category_ranges(std::string_view name) {
  if (name == "Any") return CodePointRanges{{0, 0xD7FF}, {0xE000, kLast}};
  const std::uint32_t set = categories_named(name);
  if (set == 0) return std::nullopt;
  return ranges_of(set & ~categories_named("Cs"));
}

std::optional<CodePointRanges> script_ranges(std::string_view name) {
  for (const Script& script : scripts()) {
    if (script.name == name) return script.ranges;
  }
  return std::nullopt;
}

CodePointRanges word_ranges() {
  // Letters, marks, digits, letter numbers, connectors; Other_Alphabetic symbols; and what the engine's
  // Latin-1 table counts as word characters beside.
  std::uint32_t set = 0;
  for (const char* name : {"L", "M", "Nd", "Nl", "Pc"}) set |= categories_named(name);
  CodePointRanges ranges = ranges_of(set);
  for (const auto& extra : CodePointRanges{{0xB2, 0xB3},
                                           {0xB9, 0xB9},
                                           {0xBC, 0xBE},
                                           {0x24B6, 0x24E9},
                                           {0x1F130, 0x1F149},
                                           {0x1F150, 0x1F169},
                                           {0x1F170, 0x1F189}}) {
    ranges.push_back(extra);
  }
  return joined(std::move(ranges));
}

CodePointRanges digit_ranges() {
  return ranges_of(categories_named("Nd"));
}

CodePointRanges space_ranges() {
  return {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
          {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
}

CodePointRanges complement(CodePointRanges ranges) {
  ranges.emplace_back(0xD800, 0xDFFF);
  CodePointRanges out;
  char32_t next = 0;
  for (const auto& [begin, end] : joined(std::move(ranges))) {
    if (begin > next) out.emplace_back(next, begin - 1);
    next = end + 1;
  }
  if (next <= kLast) out.emplace_back(next, kLast);
  return out;
}

}  // namespace berta::tokenizer
