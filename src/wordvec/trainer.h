#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/random_stream.h"
#include "wordvec/corpus.h"
#include "wordvec/examples.h"
#include "wordvec/word_model.h"

namespace berta::wordvec {

/// Where a training is: with the model all that it needs to go on.
struct TrainState {
  std::uint32_t epoch = 0;
  CorpusPosition position;                   ///< in that epoch
  std::uint64_t tokens_done = 0;             ///< of all epochs
  std::vector<RandomStream::State> streams;  ///< one a thread
};

struct TrainProgress {
  std::uint64_t tokens_done = 0;
  std::uint64_t tokens_in_all = 0;
  std::uint64_t kept_done = 0;  ///< of them known words that survived the subsampling
  double rate = 0;              ///< now
  double loss = 0;              ///< mean of an input and its outputs, of those looked at since the start
};

/// Trains a model on a corpus with Hogwild's threads: all change the same rows without locks. With one thread
/// the same input gives the same bits, also over an interruption.
class Trainer {
 public:
  struct Input {
    Corpus* corpus;
    WordModel* model;
    std::uint64_t tokens;  ///< of the corpus, known or not: the learning rate falls with them
    std::size_t threads = 1;
  };

  /// Corpus and model must outlive it. Begins at `state`.
  Trainer(const Input& input, const TrainOptions& options, TrainState state = {});
  ~Trainer();

  /// Trains until the end (true) or until `go_on`, asked before each block by one thread at a time, says no:
  /// then all threads end the blocks that they have, and run() may be called again.
  bool run(const std::function<bool(const TrainProgress&)>& go_on);

  /// Between runs.
  const TrainState& state() const { return state_; }
  TrainProgress progress() const;

 private:
  class Worker;

  /// The next block of this epoch; false at its end, when stopped, and after a failure.
  bool next_block(std::string& block);
  double rate() const;

  Corpus& corpus_;
  WordModel& model_;
  TrainOptions options_;
  ExampleMaker maker_;
  TrainState state_;
  std::uint64_t tokens_in_all_;
  std::vector<std::unique_ptr<Worker>> workers_;

  std::mutex reading_;  // guards the corpus and what follows
  const std::function<bool(const TrainProgress&)>* go_on_ = nullptr;
  bool stopped_ = false;
  bool epoch_ended_ = false;

  std::atomic<std::uint64_t> tokens_done_ = 0;
  std::atomic<std::uint64_t> kept_done_ = 0;
  std::atomic<double> loss_sum_ = 0;
  std::atomic<std::uint64_t> loss_count_ = 0;
};

}  // namespace berta::wordvec
