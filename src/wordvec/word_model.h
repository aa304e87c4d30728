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

/// Whether all numbers are: a rate that is too large makes infinities.
bool is_finite(const WordModel& model);

/// The result for users: with subwords a word's vector is the mean of its own and its subwords'.
WordVectors to_word_vectors(WordModel model, const TrainOptions& options);

/// What becomes of the words when training goes on from vectors that are there (koan's --continue-vocab).
enum class ContinueVocabulary : std::uint8_t {
  old_words,  ///< those of the vectors
  new_words,  ///< those of the new corpus
  united,     ///< both
};

/// A vocabulary of that kind, most frequent first, with the counts of the corpus. The limits are for words
/// that the vectors do not have. Throws UserError where no word of it comes in the corpus.
Vocabulary merge_vocabulary(const WordVectors& vectors, const Vocabulary& corpus,
                            const VocabularyLimits& limits, ContinueVocabulary kind);

/// Throws UserError where training with these options cannot go on from the vectors: another dimension, other
/// subwords.
void check_begin(const WordVectors& vectors, const TrainOptions& options);

/// Sets the inputs of the words that `vectors` knows, and those of subwords, so that to_word_vectors gives
/// the same vectors again. check_begin has passed.
void begin_from(WordModel& model, const WordVectors& vectors);

}  // namespace berta::wordvec
