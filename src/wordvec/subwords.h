#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace berta::wordvec {

/// The character n-grams of a word, as fastText takes them (facebookresearch/fastText, src/dictionary.cc at
/// 1142dc4: computeSubwords): those of "<word>" with `shortest` to `longest` UTF-8 characters, but not "<"
/// and
/// ">" alone, each hashed to one of `buckets`. Bytes that continue no character belong to the one before
/// them, as there.
struct SubwordOptions {
  std::size_t shortest = 0;
  std::size_t longest = 0;  ///< 0: no subwords
  std::uint32_t buckets = 0;

  bool any() const { return longest > 0 && buckets > 0; }
  bool operator==(const SubwordOptions&) const = default;
};

/// Appends the buckets of `word` to `out`.
void append_subwords(const SubwordOptions& options, std::string_view word, std::vector<std::uint32_t>& out);

}  // namespace berta::wordvec
