#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/console.h"
#include "wordvec/trainer.h"
#include "wordvec/vectors_file.h"

namespace berta::cli {

/// What `berta wordvec train` was asked for.
struct WordTrainSettings {
  std::vector<std::string> inputs;
  std::string output;
  wordvec::VectorFormat format = wordvec::VectorFormat::text;
  wordvec::TrainOptions options;
  wordvec::VocabularyLimits limits{.min_count = 5};
  std::size_t threads = 1;
  std::string vocabulary;       ///< file; empty: counted
  std::string save_vocabulary;  ///< file; empty: not
  std::string pretrained;       ///< file; empty: none
  wordvec::ContinueVocabulary continue_vocabulary = wordvec::ContinueVocabulary::united;
  std::string checkpoint;  ///< file
  double checkpoint_minutes = 10;
  bool resume = false;
  std::string report;  ///< file; empty: none
};

/// Trains, writes what the settings name, and returns the exit status: 128 + the signal's number where one
/// stopped it, after a checkpoint. Throws UserError.
int train_words(const WordTrainSettings& settings, Console& console);

}  // namespace berta::cli
