#pragma once

#include "wordvec/train_options.h"
#include "wordvec/vocabulary.h"
#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// What training changes: the vectors of words (and behind them of subword buckets) as inputs, and those of
/// words, or of the inner nodes of the Huffman tree, as outputs.
struct WordModel {
  Vocabulary vocabulary;
  Matrix inputs;   ///< [words + buckets, dimension]
  Matrix outputs;  ///< [words or nodes, dimension]
};

/// Inputs evenly distributed in (-0.5, 0.5) / dimension, outputs 0, as word2vec.c begins.
WordModel make_word_model(Vocabulary vocabulary, const TrainOptions& options);

/// The result for users: with subwords a word's vector is the mean of its own and its subwords'.
WordVectors to_word_vectors(WordModel model, const TrainOptions& options);

/// What becomes of the words when training goes on from vectors that are there (koan's --continue-vocab).
enum class ContinueVocabulary : std::uint8_t {
  old_words,  ///< those of the vectors
  new_words,  ///< those of the new corpus
  united,     ///< both
};

/// A vocabulary of that kind with the counts of the corpus, most frequent first.
Vocabulary merge_vocabulary(const WordVectors& vectors, const Vocabulary& corpus, ContinueVocabulary kind);

/// Sets the inputs of the words that `vectors` knows. Throws UserError for another dimension.
void begin_from(WordModel& model, const WordVectors& vectors);

}  // namespace berta::wordvec
