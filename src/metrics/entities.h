#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "metrics/classification.h"

namespace berta::metrics {

/// Words begin ... end - 1 of a sentence. Of tags without a type ("B", "I") the type is "_".
struct TaggedEntity {
  std::string type;
  std::size_t begin = 0;
  std::size_t end = 0;
  auto operator<=>(const TaggedEntity&) const = default;
};

using Tags = std::vector<std::string>;

/// The entities of one sentence's tags by the lenient rules of the CoNLL-2000 evaluation, which seqeval's
/// default mode follows: B-, I-, E- and S- prefixes in any mixture, so IOB1, IOB2 and IOBES alike. An I- or
/// E- behind O, or of another type than the tag before it, begins an entity. In the order of their ends.
/// Throws UserError "word 3: expected a tag, found an empty one".
std::vector<TaggedEntity> find_entities(std::span<const std::string> tags);

struct EntityScores {
  FScore overall{};                                     ///< micro: of all entities
  FScore macro{};                                       ///< mean over the types
  FScore weighted{};                                    ///< mean over the types by their support
  std::vector<std::pair<std::string, FScore>> types{};  ///< by name, in bytes; those that occur or were said
  double accuracy = 0;  ///< share of words with the right tag; NaN for no words
};

/// An entity counts where type, begin and end are right. Throws UserError "sentence 2: ..." for lists of
/// different lengths and for empty tags.
EntityScores score_entities(std::span<const Tags> expected, std::span<const Tags> predicted);

/// "precision", "recall", "f1", "accuracy", then "TYPE_precision", "TYPE_recall", "TYPE_f1" for each type.
Metrics entity_metrics(const EntityScores& scores);

}  // namespace berta::metrics
