#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace berta::wordvec {

/// The tree of hierarchical softmax (Morin and Bengio, 2005; with Huffman's codes Mikolov et al., 2013): a
/// word is a way of yes and no from the root, short for frequent words.
class HuffmanTree {
 public:
  /// `counts` of the words in descending order. One word has an empty way.
  explicit HuffmanTree(std::span<const std::uint64_t> counts);

  /// Inner nodes: one fewer than words.
  std::size_t nodes() const { return nodes_; }
  std::size_t longest() const { return longest_; }
  /// The inner nodes from the root to the word, and at each 1 for the first branch and 0 for the second (as
  /// word2vec.c's 1 - code). Fifteen floats can be read behind the labels.
  std::span<const std::uint32_t> way(std::size_t word) const {
    return std::span(way_).subspan(begins_[word], begins_[word + 1] - begins_[word]);
  }
  const float* labels(std::size_t word) const { return labels_.data() + begins_[word]; }

 private:
  std::size_t nodes_ = 0;
  std::size_t longest_ = 0;
  std::vector<std::size_t> begins_;
  std::vector<std::uint32_t> way_;
  std::vector<float> labels_;
};

}  // namespace berta::wordvec
