#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "wordvec/alias_sampler.h"
#include "wordvec/huffman.h"
#include "wordvec/random_stream.h"
#include "wordvec/train_options.h"
#include "wordvec/vocabulary.h"

namespace berta::wordvec {

/// What one step trains: the rows of `inputs` predict labels[o] at each row outputs[o].
struct Example {
  std::vector<std::uint32_t> inputs;
  std::vector<std::uint32_t> outputs;
  const float* labels = nullptr;  ///< fifteen floats can be read behind them
};

/// Turns the words of a line into examples; constant, shared by threads, which bring their own random streams.
class ExampleMaker {
 public:
  /// `vocabulary` must outlive it.
  ExampleMaker(const Vocabulary& vocabulary, const TrainOptions& options);

  /// Appends the number of a known word that survives the subsampling of frequent words.
  void take(std::string_view word, RandomStream& random, std::vector<std::uint32_t>& line) const;

  /// Makes the examples of the word at `centre` of a line: one of CBOW, one a context word of skip-gram.
  /// `next` gives the example to fill, `made` takes it.
  template <class Next, class Made>
  void make(std::span<const std::uint32_t> line, std::size_t centre, RandomStream& random, const Next& next,
            const Made& made) const {
    const std::size_t reach = 1 + random.below(options_.window);
    const std::size_t begin = centre - std::min(reach, centre);
    const std::size_t end = std::min(line.size(), centre + reach + 1);
    if (end - begin < 2) return;
    const bool together = options_.model == Architecture::cbow;
    for (std::size_t i = begin; i < end;) {
      Example& example = next();
      example.inputs.clear();
      for (; i < end; ++i) {
        if (i == centre) continue;
        append_inputs(line[i], example.inputs);
        if (!together) break;
      }
      ++i;
      if (example.inputs.empty()) break;  // the centre was the last word
      set_outputs(line[centre], random, example);
      made();
    }
  }

  /// The input rows of a word: its own and those of its subwords.
  std::span<const std::uint32_t> inputs_of(std::uint32_t word) const {
    return std::span(inputs_).subspan(input_begins_[word], input_begins_[word + 1] - input_begins_[word]);
  }
  /// Outputs of an example, at most.
  std::size_t most_outputs() const;

 private:
  void append_inputs(std::uint32_t word, std::vector<std::uint32_t>& inputs) const {
    const auto rows = inputs_of(word);
    inputs.insert(inputs.end(), rows.begin(), rows.end());
  }
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
