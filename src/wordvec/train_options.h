#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "wordvec/subwords.h"

namespace berta::wordvec {

/// What predicts a word: the mean of the words around it, or each of them alone (Mikolov et al., 2013).
enum class Architecture : std::uint8_t { cbow, skipgram };

/// The step of CBOW's input vectors: along the gradient (Irsoy, Benton and Stratos, "Corrected CBOW performs
/// as well as skip-gram", 2021, arXiv 2012.15332), or without its division by the number of inputs, as
/// word2vec.c, Gensim and fastText do.
enum class CbowUpdate : std::uint8_t { corrected, classic };

enum class Loss : std::uint8_t { negative_sampling, hierarchical_softmax };

struct TrainOptions {
  Architecture model = Architecture::cbow;
  CbowUpdate cbow_update = CbowUpdate::corrected;
  Loss loss = Loss::negative_sampling;
  std::size_t dimension = 100;
  std::uint32_t window = 5;     ///< words to each side, at most: each centre draws 1 ... window
  std::uint32_t negatives = 5;  ///< words drawn against each positive one
  double rate = 0;              ///< at the beginning; 0: the best one of docs/wordvec.md
  double min_rate = 1e-4;       ///< the rate falls linearly to 0 over all epochs, but not below this
  std::uint32_t epochs = 5;
  /// t of word2vec: of a word with relative frequency p, sqrt(t/p) + t/p are kept. 0: all.
  double downsample = 1e-3;
  double ns_exponent = 0.75;  ///< negatives are drawn with count ^ ns_exponent
  SubwordOptions subwords;
  std::uint64_t seed = 1;

  /// The rate to begin with.
  double first_rate() const;
  bool operator==(const TrainOptions&) const = default;
};

/// Each option's name and value, for checkpoints.
std::vector<std::pair<std::string, std::string>> describe(const TrainOptions& options);

}  // namespace berta::wordvec
