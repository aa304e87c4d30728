#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/json_writer.h"
#include "cli/stream.h"
#include "wordvec/nearest.h"

namespace berta::cli {

/// What a command asks of each record, and how its answer looks.
struct NeighbourQuestion {
  const char* key;    ///< of the neighbours in the answer
  std::size_t top_k;  ///< neighbours of an answer
  /// Writes the vector whose neighbours are wanted, of any length, and returns the rows that are no answer.
  /// Throws UserError.
  std::function<std::vector<std::uint32_t>(const Record&, std::span<float> query)> ask;
  /// The members of the answer before `key`.
  std::function<void(JsonWriter&, const Record&)> write_question;
};

/// {..., KEY: [{"word", "score"}, ...]} for each record, or its error. Rows of `vectors` have length 1.
std::vector<LineResult> answer_neighbours(const wordvec::WordVectors& vectors,
                                          std::span<const Record> records, const NeighbourQuestion& question);

/// " is not among the words of the vectors", with the record's place.
[[noreturn]] void refuse_word(const Record& record, const std::string& word);

/// VECTORS with rows of length 1, so that products are cosines. Throws UserError.
wordvec::WordVectors read_unit_vectors(const std::string& path);

}  // namespace berta::cli
