#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "corpus/ngram_masker.h"

namespace berta::corpus {

struct DropOptions {
  double rate = 0;  ///< of a sequence's ids between [CLS] and [SEP], that are left out; below 1
  std::int32_t cls = 0, sep = 0;
  std::uint64_t seed = 0;
};

/// Token dropping, "hide more words in input and output": a sequence is trained on without some of its ids;
/// those that stay keep their positions. Of n ids that are not [CLS] or [SEP], floor(rate n) are drawn
/// evenly, gaps among them, so that masks keep their rate; but one gap of a sequence stays, if all others go.
///
/// What is dropped is a pure function of (options.seed, index, the sequence). Const; shared by threads.
class TokenDropper {
 public:
  /// Throws UserError for a rate that is none.
  explicit TokenDropper(const DropOptions& options);

  /// Positions that stay, increasing. `index` of the sample among all of the training, so that each epoch
  /// drops others. Without a rate all of them.
  std::vector<std::int32_t> kept(const MaskedSequence& sequence, std::uint64_t index) const;

  /// So many ids stay of `length`, [CLS] and [SEP] counted, where not all gaps would go.
  std::size_t kept_length(std::size_t length) const;

 private:
  std::size_t dropped(std::size_t inner) const;

  DropOptions options_;
  std::uint64_t stream_seed_;
};

}  // namespace berta::corpus
