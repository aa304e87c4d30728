#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "corpus/piece_facts.h"

namespace berta::corpus {

/// Names and presets of Microsoft's NGramMaskGenerator.
struct MaskOptions {
  double mask_rate = 0.15;          ///< of a sequence's ids, specials counted, that are predicted
  int max_ngram = 3;                ///< words of the longest span; 1: single ids, words are not looked at
  double keep = 0.1;                ///< of the predicted ids, that stay as they are
  double random = 0.1;              ///< that become any id of the vocabulary; the rest becomes [MASK]
  std::size_t max_length = 512;     ///< of a sequence, for the cap below
  std::size_t max_predictions = 0;  ///< cap of a sequence; 0: ceil(max_length mask_rate / 10) 10
  std::uint64_t seed = 0;

  /// Of replaced token detection: single ids, all [MASK].
  static MaskOptions replaced_token_detection() { return {.max_ngram = 1, .keep = 0, .random = 0}; }
};

/// A sequence with its gaps. `positions` and `originals` have one length.
struct MaskedSequence {
  std::vector<std::int32_t> ids;         ///< the input, corrupted
  std::vector<std::uint32_t> positions;  ///< what is to be predicted, increasing
  std::vector<std::int32_t> originals;   ///< the ids that stood there
};

/// Masks spans of whole words by the law of Microsoft's NGramMaskGenerator (apps/tasks/mlm_task.py). Units
/// are the whole words between specials (single ids if max_ngram is 1). From the first unit on: n is drawn
/// with p(n) ~ 1/n, a window of 6 n units (1/mask_rate) is taken, and n units at an even place in it are
/// marked; the next window begins behind both. Marked units are corrupted from left to right until
/// max(1, round(mask_rate ids)) ids, or the cap, are reached; the last unit is finished all the same.
///
/// What is masked is a pure function of (options.seed, index, ids). Const; shared by threads.
class NgramMasker {
 public:
  /// Throws UserError for options that are no law.
  NgramMasker(PieceFacts facts, const MaskOptions& options);

  /// `ids` of one sequence, [CLS] and [SEP] in place; `index` of the sample among all of the training, so
  /// that each epoch has its own masks. Fills `out`, whose memory is used again; allocates nothing else.
  /// Throws UserError "id 9000: expected ids below 8001".
  void mask(std::span<const std::int32_t> ids, std::uint64_t index, MaskedSequence& out) const;
  MaskedSequence mask(std::span<const std::int32_t> ids, std::uint64_t index) const;

  /// How many ids of a sequence of so many (specials counted) are predicted at least, if spans suffice.
  std::size_t wanted(std::size_t length) const;
  const PieceFacts& facts() const { return facts_; }
  const MaskOptions& options() const { return options_; }

 private:
  class Spans;
  std::size_t count_units(std::span<const std::int32_t> ids) const;

  PieceFacts facts_;
  MaskOptions options_;
  std::size_t window_ = 6;     ///< units for each unit of a span
  std::vector<double> up_to_;  ///< probability of spans of at most 1, 2, ... units
  std::uint64_t stream_seed_ = 0;
};

}  // namespace berta::corpus
