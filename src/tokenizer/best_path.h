#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/piece_trie.h"

namespace berta::tokenizer {

/// One step of the best path: code points [begin, end) of the text; `node` of the trie, 0 for an unknown.
struct PathPiece {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t node = 0;
};

/// The cheapest store for the best path's table: on the stack for words, on the heap for long texts.
template <class T, std::size_t Small>
class SmallTable {
 public:
  explicit SmallTable(std::size_t size) {
    if (size > Small) large_.resize(size);
    data_ = size > Small ? large_.data() : small_.data();
  }
  T& operator[](std::size_t i) { return data_[i]; }

 private:
  std::array<T, Small> small_;
  std::vector<T> large_;
  T* data_;
};

/// Viterbi over a unigram vocabulary: `out` gets the path of the greatest sum of scores, from the end of the
/// text to its begin. Sums are taken and compared in type Score, begins go from left to right, and a later
/// candidate for the same end must be strictly greater (the ties of both libraries, deberta.md 3.5). Where no
/// piece of one code point begins, an unknown of one code point with `unknown_score` is a candidate.
/// `score(node, length)`: the score of the key that ends at the node.
template <class Score, class NodeScore>
void find_best_path(const PieceTrie& trie, std::u32string_view text, Score unknown_score,
                    const NodeScore& score, std::vector<PathPiece>& out) {
  struct Best {
    Score sum = 0;
    std::uint32_t begin = 0xFFFFFFFF;
    std::uint32_t node = 0;
  };
  const auto size = static_cast<std::uint32_t>(text.size());
  SmallTable<Best, 48> best(text.size() + 1);
  for (std::uint32_t i = 0; i <= size; ++i) best[i] = Best{};
  for (std::uint32_t begin = 0; begin < size; ++begin) {
    const Score so_far = best[begin].sum;
    const auto offer = [&](std::uint32_t end, Score piece, std::uint32_t node) {
      const Score sum = static_cast<Score>(piece + so_far);
      if (best[end].begin == 0xFFFFFFFF || sum > best[end].sum) best[end] = {sum, begin, node};
    };
    bool single = false;
    std::uint32_t node = 0;
    for (std::uint32_t end = begin; end < size && trie.step_code_point(node, text[end]); ++end) {
      if (!trie.ends(node)) continue;
      offer(end + 1, score(node, end + 1 - begin), node);
      single = single || end == begin;
    }
    if (!single) offer(begin + 1, unknown_score, 0);
  }
  for (std::uint32_t end = size; end > 0; end = best[end].begin)
    out.push_back({best[end].begin, end, best[end].node});
}

}  // namespace berta::tokenizer
