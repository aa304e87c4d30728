#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "corpus/chunks.h"
#include "corpus/ngram_masker.h"
#include "corpus/token_corpus.h"
#include "corpus/token_dropper.h"
#include "tokenizer/tokenizer.h"
#include "train/model/forward.h"
#include "train/settings.h"

namespace berta::train {

/// Sequences with gaps, packed; the gaps are the batch's picked rows. Of dropped tokens nothing is here but
/// their number.
struct MaskedBatch {
  Batch batch;
  std::vector<std::int64_t> labels;  ///< the ids that stood in the gaps
  std::int64_t text_tokens = 0;      ///< of the sequences before tokens were dropped, [CLS] and [SEP] counted
  /// Of a batch that workers share: what this one's part is of all gaps and all tokens, and the number of its
  /// first gap.
  double gap_share = 1, token_share = 1;
  std::int64_t first_gap = 0;
};

/// The batches of a pretraining: which they are depends on the seed and their number alone.
class MaskedBatches {
 public:
  /// Throws UserError: a corpus of another tokenizer, or too small for one chunk.
  MaskedBatches(const PretrainSettings& settings, const tokenizer::Tokenizer& tokenizer);

  /// Batch number `index` of the training: sequences [begin, end) of it.
  MaskedBatch batch(std::int64_t index, std::int64_t begin, std::int64_t end) const;
  MaskedBatch batch(std::int64_t index) const { return batch(index, 0, settings_.run.batch_size); }
  /// How often the corpus has been gone through before that batch.
  double epoch(std::int64_t index) const;

  /// Held-out chunks [first, first + count), whole and always with the same gaps; empty behind the last one.
  MaskedBatch held_out(std::int64_t first, std::int64_t count) const;
  std::int64_t held_out_chunks() const {
    return held_out_ ? static_cast<std::int64_t>(held_out_->chunks.size()) : 0;
  }

  std::uint64_t tokens() const { return train_.corpus.size(); }
  /// Tokens that a training sequence of `length` puts into a batch.
  std::int64_t kept_length(std::int64_t length) const {
    return static_cast<std::int64_t>(dropper_.kept_length(static_cast<std::size_t>(length)));
  }

 private:
  struct Part {
    Part(const PretrainSettings& settings, corpus::Split split);
    corpus::TokenCorpus corpus;
    corpus::Chunks chunks;
  };
  corpus::MaskedSequence masked_chunk(const Part& part, std::uint64_t chunk, std::uint64_t sample) const;

  const PretrainSettings& settings_;
  Part train_;
  std::unique_ptr<Part> held_out_;
  corpus::NgramMasker masker_;
  std::int32_t cls_, sep_;
  corpus::TokenDropper dropper_;
};

}  // namespace berta::train
