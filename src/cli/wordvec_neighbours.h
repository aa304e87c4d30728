#pragma once

#include <span>
#include <string_view>

#include "cli/json_writer.h"
#include "wordvec/nearest.h"

namespace berta::cli {

/// "KEY": [{"word", "score"}, ...] into an open object.
void write_neighbours(JsonWriter& json, std::string_view key, const wordvec::WordTable& words,
                      std::span<const wordvec::Neighbour> neighbours);

/// VECTORS with rows of length 1, so that products are cosines. Throws UserError.
wordvec::WordVectors read_unit_vectors(const std::string& path);

}  // namespace berta::cli
