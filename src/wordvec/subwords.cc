#include "wordvec/subwords.h"

#include <string>

namespace berta::wordvec {
namespace {

/// fastText's FNV-1a, which takes bytes as signed numbers.
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) {
    hash ^= static_cast<std::uint32_t>(static_cast<std::int8_t>(c));
    hash *= 16777619u;
  }
  return hash;
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

}  // namespace

void append_subwords(const SubwordOptions& options, std::string_view word, std::vector<std::uint32_t>& out) {
  if (!options.any()) return;
  std::string marked = "<";
  marked += word;
  marked += '>';
  for (std::size_t begin = 0; begin < marked.size(); ++begin) {
    if (!begins_character(marked[begin])) continue;
    std::size_t end = begin;
    for (std::size_t length = 1; end < marked.size() && length <= options.longest; ++length) {
      do {
        ++end;
      } while (end < marked.size() && !begins_character(marked[end]));
      const bool edge_alone = length == 1 && (begin == 0 || end == marked.size());
      if (length < options.shortest || edge_alone) continue;
      out.push_back(hash_of(std::string_view(marked).substr(begin, end - begin)) % options.buckets);
    }
  }
}

}  // namespace berta::wordvec
