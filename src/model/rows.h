#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace berta::model {

/// How the rows of a packed matrix belong to sequences: no padding, sequences behind one another. Inference
/// packs whole sequences; training may drop tokens, and those that stay keep their positions.
struct Rows {
  std::vector<std::int32_t> starts{0};  ///< sequence s has rows [starts[s], starts[s + 1])
  std::vector<std::int32_t> positions;  ///< of each row in its sequence; those of an encoder increase

  std::size_t sequences() const { return starts.size() - 1; }
  std::size_t count() const { return positions.size(); }
  std::int32_t length(std::size_t sequence) const { return starts[sequence + 1] - starts[sequence]; }
  std::span<const std::int32_t> positions_of(std::size_t sequence) const {
    return std::span(positions).subspan(static_cast<std::size_t>(starts[sequence]),
                                        static_cast<std::size_t>(length(sequence)));
  }

  /// Appends a sequence whose rows stand at these positions.
  void append(std::span<const std::int32_t> at) {
    positions.insert(positions.end(), at.begin(), at.end());
    starts.push_back(static_cast<std::int32_t>(positions.size()));
  }
  /// Appends a sequence of rows at 0 ... length - 1.
  void append(std::int32_t length) {
    for (std::int32_t i = 0; i < length; ++i) positions.push_back(i);
    starts.push_back(static_cast<std::int32_t>(positions.size()));
  }
};

/// The input of an encoder: packed ids with their token types.
struct Tokens {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> types;
  Rows rows;
};

}  // namespace berta::model
