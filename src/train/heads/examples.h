#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "infer/model.h"
#include "train/model/forward.h"

namespace berta::train {

/// One example of any task, as ids.
struct Example {
  std::vector<infer::Sequence> sequences;  ///< one; of choices one each; of pairs the better one first
  std::int64_t label = 0;                  ///< class, or index of the right choice
  double value = 0;                        ///< of regression
  std::vector<float> flags;                ///< of several labels: 1 where it holds
  std::vector<std::int64_t> token_labels;  ///< of each id; -100: none
  std::int64_t answer_start = 0;           ///< rows of the sequence; 0 ([CLS]): no answer in it
  std::int64_t answer_end = 0;
  double weight = 1;
  std::size_t source = 0;  ///< which record it came from
};

using Examples = std::span<const Example* const>;

/// All sequences, behind one another. Throws UserError for an id outside the vocabulary.
Batch make_batch(Examples examples, const model::Config& config);

}  // namespace berta::train
