#include "cli/wordvec_neighbours.h"

#include "core/error.h"
#include "io/quote.h"
#include "wordvec/vectors_file.h"

namespace berta::cli {

namespace {

void write_neighbours(JsonWriter& json, const char* key, const wordvec::WordTable& words,
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

}  // namespace

std::vector<LineResult> answer_neighbours(const wordvec::WordVectors& vectors,
                                          std::span<const Record> records,
                                          const NeighbourQuestion& question) {
  std::vector<LineResult> results(records.size());
  wordvec::Matrix queries(records.size(), vectors.dimension());
  std::vector<std::vector<std::uint32_t>> excluded(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    try {
      excluded[i] = question.ask(records[i], queries.vector(i));
    } catch (const UserError& error) {
      results[i].error = error.what();
    }
  }
  wordvec::scale_to_unit(queries);
  const auto found = wordvec::find_nearest(
      {.rows = vectors.vectors, .queries = queries, .excluded = excluded, .top_k = question.top_k});
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!results[i].error.empty()) continue;
    JsonWriter json(results[i].lines);
    json.begin_object();
    question.write_question(json, records[i]);
    write_neighbours(json, question.key, vectors.words, found[i]);
    json.end_object();
  }
  return results;
}

void refuse_word(const Record& record, const std::string& word) {
  throw UserError(record.where + ": " + io::quoted(word) + " is not among the words of the vectors");
}

wordvec::WordVectors read_unit_vectors(const std::string& path) {
  wordvec::WordVectors vectors = wordvec::read_vectors(path);
  wordvec::scale_to_unit(vectors.vectors);
  return vectors;
}

}  // namespace berta::cli
