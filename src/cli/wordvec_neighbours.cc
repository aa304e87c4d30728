#include "cli/wordvec_neighbours.h"

#include "wordvec/vectors_file.h"

namespace berta::cli {

void write_neighbours(JsonWriter& json, std::string_view key, const wordvec::WordTable& words,
                      std::span<const wordvec::Neighbour> neighbours) {
  json.key(key).begin_array();
  for (const wordvec::Neighbour& neighbour : neighbours) {
    json.begin_object()
        .member("word", words.word(neighbour.row))
        .member("score", neighbour.score)
        .end_object();
  }
  json.end_array();
}

wordvec::WordVectors read_unit_vectors(const std::string& path) {
  wordvec::WordVectors vectors = wordvec::read_vectors(path);
  wordvec::scale_to_unit(vectors.vectors);
  return vectors;
}

}  // namespace berta::cli
