#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/line_reader.h"
#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// Two words, and how alike people found them.
struct SimilarityPair {
  std::string first;
  std::string second;
  double score = 0;
};

/// Lines "word1 word2 score", separated by tabs, blanks, commas or semicolons, as WordSim-353, MEN,
/// SimLex-999 and Rare Words are published; what stands behind the score is left out, so are empty lines,
/// lines that begin with '#', and a first line whose third word is no number. Throws UserError "FILE: line 7:
/// expected two words and a number, found ...", and for a file without pairs.
std::vector<SimilarityPair> read_similarity(io::LineReader& lines);

struct SimilarityResult {
  std::size_t pairs = 0;
  std::size_t covered = 0;         ///< those of which both words have vectors
  std::optional<double> spearman;  ///< of the covered pairs; nothing where it is not defined
};

/// The rank correlation of the people's scores and the cosines. A word that is unknown counts as its lower
/// case, then as what its subwords give. A cosine with a vector of zeros is 0.
SimilarityResult evaluate_similarity(const WordVectors& vectors, std::span<const SimilarityPair> pairs);

}  // namespace berta::wordvec
