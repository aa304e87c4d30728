#pragma once

#include <string>
#include <vector>

#include "wordvec/trainer.h"

namespace berta::wordvec {

/// All that a training needs to go on.
struct TrainCheckpoint {
  WordModel model;
  TrainState state;
  std::uint64_t tokens = 0;  ///< of the corpus
};

/// Writes what TrainCheckpoint holds, with the options and the names of the corpus's files, as safetensors;
/// the file appears whole or not at all, so a full disk leaves the one of before. Throws UserError.
void write_checkpoint(const std::string& path, const TrainOptions& options,
                      const std::vector<std::string>& files, const TrainCheckpoint& checkpoint);

/// Throws UserError for a file that is no such checkpoint, or one of a training with other options or files,
/// which it names.
TrainCheckpoint read_checkpoint(const std::string& path, const TrainOptions& options,
                                const std::vector<std::string>& files);

}  // namespace berta::wordvec
