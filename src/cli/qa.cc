#include "cli/commands.h"
#include "cli/task_command.h"
#include "tasks/question_answer.h"

namespace berta::cli {
namespace {

class Qa final : public TaskCommand {
 public:
  CommandText text() const override {
    return {
        .name = "qa",
        .summary = "answers to questions, cut out of a context of any length",
        .operands = "MODEL [QUESTION CONTEXT...]",
        .details =
            "Input lines: {\"question\", \"context\"}, or a table with these columns. Output, like "
            "transformers'\n"
            "question-answering pipeline: {\"score\", \"start\", \"end\", \"answer\"}, with --top-k a list "
            "of these.\n"
            "Positions are code points of the context. Long contexts are read in overlapping windows.\n"
            "{\"id\", \"output\"} for a line that has an id.",
        .example =
            "  berta qa MODEL \"Where did Ada live?\" \"Ada Lovelace lived in London.\"\n"
            "  {\"score\": 0.97, \"start\": 22, \"end\": 28, \"answer\": \"London\"}",
    };
  }

 protected:
  void add_task_options(std::vector<Option>& options) override {
    options.push_back(
        make_integer({"--top-k", "N", "answers of a question, best first"}, top_k_, {1, 1 << 20}));
    options.push_back(make_switch({"--handle-impossible-answer", "", "an empty answer where none is better"},
                                  options_.allow_impossible));
    options.push_back(
        make_integer({"--max-answer-length", "N", "tokens of an answer"}, max_answer_length_, {1, 1 << 20}));
    options.push_back(make_integer(
        {"--window", "N", "tokens of question and context at once; 0: the maximal length, at most 384"},
        window_, {0, 1 << 20}));
    options.push_back(
        make_integer({"--doc-stride", "N", "tokens that windows overlap; -1: half a window, at most 128"},
                     stride_, {-1, 1 << 20}));
    options.push_back(
        make_switch({"--no-align-to-words", "", "let answers begin and end within words"}, no_align_));
  }

  void check_options() override {
    options_.top_k = static_cast<std::size_t>(top_k_);
    options_.max_answer_length = static_cast<std::size_t>(max_answer_length_);
    options_.window_length = static_cast<std::size_t>(window_);
    if (stride_ >= 0) options_.stride = static_cast<std::size_t>(stride_);
    options_.align_to_words = !no_align_;
  }

  std::string main_field() const override { return ""; }

  std::vector<Record> operand_records(const std::vector<std::string>& texts) const override {
    if (texts.empty()) return {};
    if (texts.size() % 2 != 0)
      throw UsageError("expected a QUESTION and its CONTEXT, found " + std::to_string(texts.size()) +
                       " texts");
    const auto plain = make_argument_records("context", texts);  // checks the texts
    std::vector<Record> records;
    for (std::size_t i = 0; i < texts.size(); i += 2) {
      io::Json::Object object;
      object.emplace_back("question", io::Json(texts[i]));
      object.emplace_back("context", io::Json(texts[i + 1]));
      records.push_back({.json = io::Json(std::move(object)), .where = plain[i].where, .number = i / 2 + 1});
    }
    return records;
  }

  Process make_process(const tasks::Runtime& runtime, const Output&) override {
    return make_task_process<QuestionInput, Answers>({
        .read =
            [](const Record& record) {
              return QuestionInput{.question = record.text("question"), .context = record.text("context")};
            },
        .run = [task = tasks::QuestionAnswerer(runtime), options = options_](
                   std::span<const QuestionInput> inputs) { return task.run(inputs, options); },
        .write =
            [one = top_k_ == 1](const Record& record, const Answers& result) {
              return with_id(record, [&](JsonWriter& json) { write(json, result, one); });
            },
    });
  }

 private:
  static void write(JsonWriter& json, const Answers& result, bool one) {
    const bool list = !one || result.answers.size() != 1;
    if (list) json.begin_array();
    for (const Answer& answer : result.answers) {
      json.begin_object()
          .member("score", answer.score)
          .member("start", answer.begin)
          .member("end", answer.end);
      json.member("answer", answer.text).end_object();
    }
    if (list) json.end_array();
  }

  AnswerOptions options_;
  std::int64_t top_k_ = 1;
  std::int64_t max_answer_length_ = 15;
  std::int64_t window_ = 0;
  std::int64_t stride_ = -1;
  bool no_align_ = false;
};

}  // namespace

std::unique_ptr<Command> make_qa() {
  return std::make_unique<Qa>();
}

}  // namespace berta::cli
