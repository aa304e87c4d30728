#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/random_stream.h"
#include "wordvec/alias_sampler.h"
#include "wordvec/huffman.h"
#include "wordvec/train_options.h"
#include "wordvec/vocabulary.h"

namespace berta::wordvec {

/// What one step trains: the mean of each group of input rows predicts labels[o] at each row outputs[o].
struct Example {
  std::vector<std::uint32_t> inputs;
  std::vector<std::uint32_t> group_ends;  ///< behind the last input of each group
  std::vector<std::uint32_t> outputs;
  const float* labels = nullptr;  ///< fifteen floats can be read behind them
};

/// Turns the words of a line into examples; constant, shared by threads, which bring their own random
/// streams.
class ExampleMaker {
 public:
  /// `vocabulary` must outlive it.
  ExampleMaker(const Vocabulary& vocabulary, const TrainOptions& options);

  /// Appends the number of a known word that survives the subsampling of frequent words.
  void take(std::string_view word, RandomStream& random, std::vector<std::uint32_t>& line) const;

  /// The words around the one at `centre` that have not been taken yet.
  struct Window {
    std::size_t next;
    std::size_t end;
    std::size_t centre;
    bool empty() const { return next == end; }
  };
  /// Each radius from 1 to the option's is as likely.
  Window draw_window(std::size_t line_size, std::size_t centre, RandomStream& random) const;

  /// Makes an example of words of the window, which is not empty, and takes them out of it: for CBOW all of
  /// them as one group of inputs, for skip-gram up to kMostGroups with a group each. Those share their
  /// negatives: each pair's are distributed as if they were its own, so the expected gradient is the same,
  /// and a row comes from memory less often (Ji et al., "Parallelizing word2vec in shared and distributed
  /// memory", 2016).
  void make(std::span<const std::uint32_t> line, Window& window, RandomStream& random,
            Example& example) const;

  /// The input rows of a word: its own and those of its subwords.
  std::span<const std::uint32_t> inputs_of(std::uint32_t word) const {
    return std::span(inputs_).subspan(input_begins_[word], input_begins_[word + 1] - input_begins_[word]);
  }
  /// As many as the kernel has in registers at once.
  static constexpr std::size_t kMostGroups = 4;
  /// Outputs of an example, at most, and groups.
  std::size_t most_outputs() const;
  std::size_t most_groups() const { return options_.model == Architecture::cbow ? 1 : kMostGroups; }

 private:
  void set_outputs(std::uint32_t word, RandomStream& random, Example& example) const;

  const Vocabulary& vocabulary_;
  TrainOptions options_;
  std::vector<std::uint32_t> keep_;  // of 2^32: how often a word survives
  std::vector<std::uint32_t> inputs_;
  std::vector<std::size_t> input_begins_;
  std::optional<AliasSampler> sampler_;
  std::optional<HuffmanTree> tree_;
  std::vector<float> labels_;  // of negative sampling: 1, 0, 0, ...
  std::uint32_t negatives_ = 0;
};

}  // namespace berta::wordvec
