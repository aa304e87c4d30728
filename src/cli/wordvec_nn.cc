#include <algorithm>

#include "cli/wordvec_commands.h"
#include "cli/wordvec_neighbours.h"

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
    return answer_neighbours(
        vectors, records,
        {.key = "neighbours",
         .top_k = static_cast<std::size_t>(top_k_),
         .ask = [&](const Record& record, std::span<float> query) { return ask(vectors, record, query); },
         .write_question = [](JsonWriter& json,
                              const Record& record) { json.member("word", record.text("word")); }});
  }

  static std::vector<std::uint32_t> ask(const wordvec::WordVectors& vectors, const Record& record,
                                        std::span<float> query) {
    const std::string& word = record.text("word");
    const auto vector = vectors.find(word);
    if (!vector) refuse_word(record, word);
    std::copy(vector->begin(), vector->end(), query.begin());
    const auto own = vectors.words.find(word);
    return own ? std::vector{*own} : std::vector<std::uint32_t>();
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
