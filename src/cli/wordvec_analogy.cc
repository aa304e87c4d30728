#include "cli/wordvec_commands.h"
#include "cli/wordvec_neighbours.h"
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

  std::vector<LineResult> answer(const wordvec::WordVectors& vectors, std::span<const Record> records) const {
    return answer_neighbours(
        vectors, records,
        {.key = "answers",
         .top_k = static_cast<std::size_t>(top_k_),
         .ask = [&](const Record& record, std::span<float> query) { return ask(vectors, record, query); },
         .write_question =
             [](JsonWriter& json, const Record& record) {
               for (const char* key : kKeys) json.member(key, record.text(key));
             }});
  }

  static std::vector<std::uint32_t> ask(const wordvec::WordVectors& vectors, const Record& record,
                                        std::span<float> query) {
    std::vector<std::uint32_t> numbers;
    for (const char* key : kKeys) {
      const std::string& word = record.text(key);
      const auto number = vectors.words.find(word);
      if (!number) refuse_word(record, word);
      numbers.push_back(*number);
    }
    wordvec::write_analogy_query(vectors.vectors, {numbers[0], numbers[1], numbers[2]}, query);
    return numbers;
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
