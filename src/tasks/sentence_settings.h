#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "berta/types.h"

namespace berta::tasks {

/// What sentence-transformers' files in a model folder say about embeddings.
struct SentenceSettings {
  std::vector<Pooling> poolings = {Pooling::mean};  ///< several: their vectors behind one another
  bool normalize = false;
  bool lower_case = false;
  std::size_t max_length = 0;  ///< max_seq_length; 0: none named
  std::string prompt;          ///< put before each text
};

/// Reads them; the defaults where a folder has none of the files. Throws UserError naming file and key.
SentenceSettings read_sentence_settings(const std::string& folder);

}  // namespace berta::tasks
