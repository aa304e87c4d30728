#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "../io/temporary.h"
#include "io/line_reader.h"
#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// Vectors of a test, most frequent first.
inline WordVectors make_space(const std::vector<std::pair<std::string, std::vector<float>>>& entries) {
  WordVectors space;
  space.vectors = Matrix(entries.size(), entries.front().second.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    space.words.insert(entries[i].first);
    std::copy(entries[i].second.begin(), entries[i].second.end(), space.vectors.vector(i).begin());
  }
  return space;
}

inline Matrix make_rows(const std::vector<std::vector<float>>& rows) {
  Matrix matrix(rows.size(), rows.front().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy(rows[i].begin(), rows[i].end(), matrix.vector(i).begin());
  }
  return matrix;
}

/// The lines of a file "f" with this content.
inline io::LineReader lines_of(std::string content) {
  return {"f", [content = std::move(content), at = std::size_t{0}](std::span<char> out) mutable {
            const std::size_t count = std::min(out.size(), content.size() - at);
            std::memcpy(out.data(), content.data() + at, count);
            at += count;
            return count;
          }};
}

using io::error_of;

}  // namespace berta::wordvec
