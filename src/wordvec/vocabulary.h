#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wordvec/corpus.h"
#include "wordvec/word_table.h"

namespace berta::wordvec {

/// Words and how often they come, most frequent first; of equals the one that came first.
struct Vocabulary {
  WordTable words;
  std::vector<std::uint64_t> counts;  ///< one a word

  std::size_t size() const { return words.size(); }
  std::uint64_t total() const;  ///< of the counts
};

struct VocabularyLimits {
  std::uint64_t min_count = 1;
  std::size_t max_size = 0;  ///< 0: no limit
};

/// What a corpus holds.
struct CorpusCount {
  Vocabulary vocabulary;
  std::uint64_t tokens = 0;  ///< all of them, also of words that the limits leave out
};

/// Reads the corpus once. `progress` gets the part that is done, 0 to 1, after each block; false stops with
/// an empty result. Throws UserError for a corpus without words, or where the limits leave none.
CorpusCount count_words(Corpus& corpus, const VocabularyLimits& limits,
                        const std::function<bool(double)>& progress);

/// Sorted, and cut at the limits.
Vocabulary limited(const Vocabulary& all, const VocabularyLimits& limits);

/// Lines "word count". Throws UserError that names file and line.
Vocabulary read_vocabulary(const std::string& path);
void write_vocabulary(const std::string& path, const Vocabulary& vocabulary);

}  // namespace berta::wordvec
