#include "wordvec/huffman.h"

#include <algorithm>

namespace berta::wordvec {
namespace {

struct Node {
  std::uint32_t parent = 0;
  bool second = false;
};

/// Words are nodes 0 ... words - 1; inner nodes follow in the order in which they are made, the root last.
std::vector<Node> join(std::span<const std::uint64_t> counts) {
  const std::size_t words = counts.size();
  std::vector<Node> nodes(2 * words - 1);
  std::vector<double> weights(2 * words - 1);  // in doubles, which do not overflow
  for (std::size_t i = 0; i < words; ++i) weights[i] = static_cast<double>(counts[i]);
  std::size_t words_left = words;  // the lightest word is the last
  std::size_t inner = words;       // the lightest inner node is the oldest
  for (std::size_t made = words; made < nodes.size(); ++made) {
    const auto lightest = [&] {
      const bool word = words_left > 0 && (inner == made || weights[words_left - 1] < weights[inner]);
      return word ? --words_left : inner++;
    };
    for (const bool second : {false, true}) {
      const std::size_t child = lightest();
      nodes[child] = {static_cast<std::uint32_t>(made), second};
      weights[made] += weights[child];
    }
  }
  return nodes;
}

}  // namespace

HuffmanTree::HuffmanTree(std::span<const std::uint64_t> counts) {
  const std::size_t words = counts.size();
  begins_.assign(words + 1, 0);
  nodes_ = words < 2 ? 0 : words - 1;
  if (nodes_ > 0) {
    const std::vector<Node> nodes = join(counts);
    const std::size_t root = nodes.size() - 1;
    for (std::size_t word = 0; word < words; ++word) {
      const auto begin = static_cast<std::ptrdiff_t>(way_.size());
      for (std::size_t at = word; at != root; at = nodes[at].parent) {
        way_.push_back(nodes[at].parent - static_cast<std::uint32_t>(words));
        labels_.push_back(nodes[at].second ? 0.0f : 1.0f);
      }
      std::reverse(way_.begin() + begin, way_.end());
      std::reverse(labels_.begin() + begin, labels_.end());
      begins_[word + 1] = way_.size();
      longest_ = std::max(longest_, begins_[word + 1] - begins_[word]);
    }
  }
  labels_.resize(labels_.size() + 15);
}

}  // namespace berta::wordvec
