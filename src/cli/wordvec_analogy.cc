#include "cli/stream.h"
#include "cli/wordvec_commands.h"
#include "cli/wordvec_neighbours.h"
#include "core/error.h"
#include "io/quote.h"
#include "wordvec/analogies.h"

namespace berta::cli {
namespace {

constexpr std::array kKeys = {"a", "b", "c"};

class WordvecAnalogy final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "wordvec analogy",
        .summary = "what is to C as B is to A",
        .operands = "VECTORS [A B C]...",
        .details =
            "The words nearest to B - A + C of vectors of length 1 (3CosAdd), without A, B and C. Input "
            "lines:\n"
            "{\"a\", \"b\", \"c\"}, or a table of such columns. Output: {\"a\", \"b\", \"c\", \"answers\": "
            "[{\"word\", \"score\"}]};\n"
            "the score is the cosine.",
        .example =
            "  berta wordvec analogy vectors.txt man king woman --top-k 1\n"
            "  {\"a\": \"man\", \"b\": \"king\", \"c\": \"woman\", \"answers\": [{\"word\": \"queen\", "
            "\"score\": 0.71}]}",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_integer({"--top-k", "N", "answers to a question"}, top_k_, {1, 1 << 30}));
    add_input_options(options, stream_);
    add_thread_option(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    Console console(stream_.quiet);
    StreamSource source = choose_source(stream_, operand_records(arguments.texts), "");
    const wordvec::WordVectors vectors = read_unit_vectors(arguments.model);
    Output output(stream_.output);
    const int status = run_stream(std::move(source), stream_, console, output,
                                  [&](std::span<const Record> records) { return answer(vectors, records); });
    output.close();
    return status;
  }

 private:
  static std::vector<Record> operand_records(const std::vector<std::string>& words) {
    if (words.size() % kKeys.size() != 0) {
      throw UsageError("expected three words A B C a question, found " + std::to_string(words.size()) +
                       " words");
    }
    make_argument_records("word", words);  // checks them
    std::vector<Record> records;
    for (std::size_t i = 0; i < words.size(); i += kKeys.size()) {
      io::Json::Object object;
      for (std::size_t k = 0; k < kKeys.size(); ++k) object.emplace_back(kKeys[k], io::Json(words[i + k]));
      records.push_back(
          {.json = io::Json(std::move(object)), .where = "arguments", .number = records.size() + 1});
    }
    return records;
  }

  static std::vector<std::uint32_t> numbers_of(const wordvec::WordTable& words, const Record& record) {
    std::vector<std::uint32_t> numbers;
    for (const char* key : kKeys) {
      const std::string& word = record.text(key);
      const auto number = words.find(word);
      if (!number) {
        throw UserError(record.where + ": " + io::quoted(word) + " is not among the words of the vectors");
      }
      numbers.push_back(*number);
    }
    return numbers;
  }

  std::vector<LineResult> answer(const wordvec::WordVectors& vectors, std::span<const Record> records) const {
    std::vector<LineResult> results(records.size());
    wordvec::Matrix queries(records.size(), vectors.dimension());
    std::vector<std::vector<std::uint32_t>> asked(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      try {
        asked[i] = numbers_of(vectors.words, records[i]);
        wordvec::write_analogy_query(vectors.vectors, {asked[i][0], asked[i][1], asked[i][2]},
                                     queries.vector(i));
      } catch (const UserError& error) {
        results[i].error = error.what();
      }
    }
    wordvec::scale_to_unit(queries);
    const auto found = wordvec::find_nearest({.rows = vectors.vectors,
                                              .queries = queries,
                                              .excluded = asked,
                                              .top_k = static_cast<std::size_t>(top_k_)});
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (!results[i].error.empty()) continue;
      JsonWriter json(results[i].lines);
      json.begin_object();
      for (const char* key : kKeys) json.member(key, records[i].text(key));
      write_neighbours(json, "answers", vectors.words, found[i]);
      json.end_object();
    }
    return results;
  }

  ModelSettings model_;
  StreamSettings stream_;
  std::int64_t top_k_ = 10;
};

}  // namespace

std::unique_ptr<Command> make_wordvec_analogy() {
  return std::make_unique<WordvecAnalogy>();
}

}  // namespace berta::cli
