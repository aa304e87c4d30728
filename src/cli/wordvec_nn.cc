#include <algorithm>

#include "cli/stream.h"
#include "cli/wordvec_commands.h"
#include "cli/wordvec_neighbours.h"
#include "core/error.h"
#include "io/quote.h"

namespace berta::cli {
namespace {

class WordvecNn final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "wordvec nn",
        .summary = "the words whose vectors are nearest to a word's, by the cosine",
        .operands = "VECTORS [WORD...]",
        .details =
            "Input lines: words, or {\"word\"}. Output: {\"word\", \"neighbours\": [{\"word\", \"score\"}]}, "
            "nearest\n"
            "first, without the word itself. A word that VECTORS lacks gets the vector that its subwords\n"
            "give, where VECTORS has subwords; else it is an error.",
        .example =
            "  berta wordvec nn vectors.txt france --top-k 2\n"
            "  {\"word\": \"france\", \"neighbours\": [{\"word\": \"spain\", \"score\": 0.83}, {\"word\": "
            "\"italy\", \"score\": 0.81}]}",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_integer({"--top-k", "N", "neighbours of a word"}, top_k_, {1, 1 << 30}));
    add_input_options(options, stream_);
    add_thread_option(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    Console console(stream_.quiet);
    StreamSource source = choose_source(stream_, make_argument_records("word", arguments.texts), "word");
    const wordvec::WordVectors vectors = read_unit_vectors(arguments.model);
    Output output(stream_.output);
    const int status = run_stream(std::move(source), stream_, console, output,
                                  [&](std::span<const Record> records) { return answer(vectors, records); });
    output.close();
    return status;
  }

 private:
  std::vector<LineResult> answer(const wordvec::WordVectors& vectors, std::span<const Record> records) const {
    std::vector<LineResult> results(records.size());
    wordvec::Matrix queries(records.size(), vectors.dimension());
    std::vector<std::vector<std::uint32_t>> excluded(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      try {
        find(vectors, records[i], queries.vector(i));
        if (const auto own = vectors.words.find(records[i].text("word"))) excluded[i] = {*own};
      } catch (const UserError& error) {
        results[i].error = error.what();
      }
    }
    wordvec::scale_to_unit(queries);
    const auto found = wordvec::find_nearest({.rows = vectors.vectors,
                                              .queries = queries,
                                              .excluded = excluded,
                                              .top_k = static_cast<std::size_t>(top_k_)});
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (!results[i].error.empty()) continue;
      JsonWriter json(results[i].lines);
      json.begin_object().member("word", records[i].text("word"));
      write_neighbours(json, "neighbours", vectors.words, found[i]);
      json.end_object();
    }
    return results;
  }

  static void find(const wordvec::WordVectors& vectors, const Record& record, std::span<float> query) {
    const std::string& word = record.text("word");
    const auto vector = vectors.find(word);
    if (!vector)
      throw UserError(record.where + ": " + io::quoted(word) + " is not among the words of the vectors");
    std::copy(vector->begin(), vector->end(), query.begin());
  }

  ModelSettings model_;
  StreamSettings stream_;
  std::int64_t top_k_ = 10;
};

}  // namespace

std::unique_ptr<Command> make_wordvec_nn() {
  return std::make_unique<WordvecNn>();
}

}  // namespace berta::cli
