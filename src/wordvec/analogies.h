#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "io/line_reader.h"
#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// "a is to b as c is to d".
using Analogy = std::array<std::string, 4>;

struct AnalogySection {
  std::string name;
  std::vector<Analogy> questions;

  /// Of grammar, not of meaning: by the name, as in questions-words.txt.
  bool syntactic() const { return name.starts_with("gram"); }
};

/// The form of questions-words.txt (Mikolov et al., arXiv 1301.3781): lines ": section", and below them four
/// words a line. Empty lines and lines that begin with '#' are left out. Throws UserError "FILE: line 7:
/// expected ...", and for a file without questions.
std::vector<AnalogySection> read_analogies(io::LineReader& lines);

struct AnalogyScore {
  std::size_t questions = 0;
  std::size_t asked = 0;  ///< those whose four words are among the words that take part
  std::size_t correct = 0;

  AnalogyScore& operator+=(const AnalogyScore& other);
};

/// What becomes of each section, as compute-accuracy.c of word2vec has it (3CosAdd): the answer is the word,
/// not a, b or c, whose vector of length 1 has the largest product with b - a + c of such vectors. Only the
/// first `most_frequent` words of the vectors take part, as questions and answers. A word that is not among
/// them counts as its lower case (compute-accuracy makes all words upper case, which differs only where a
/// vocabulary has both forms). Runs on threads().
std::vector<AnalogyScore> evaluate_analogies(const WordVectors& vectors,
                                             std::span<const AnalogySection> sections,
                                             std::size_t most_frequent);

/// query = b - a + c of rows of `units`.
void write_analogy_query(const Matrix& units, const std::array<std::uint32_t, 3>& abc,
                         std::span<float> query);

}  // namespace berta::wordvec
