#include "cli/commands.h"
#include "cli/task_command.h"
#include "tasks/token_classify.h"

namespace berta::cli {
namespace {

class Ner final : public TaskCommand {
 public:
  CommandText text() const override {
    return {
        .name = "ner",
        .summary = "labels of tokens, or entities made of them",
        .operands = "MODEL [TEXT...]",
        .details =
            "Input lines: texts, or {\"text\"}. Output, like transformers' token-classification pipeline: "
            "without\n"
            "aggregation [{\"entity\", \"score\", \"index\", \"word\", \"start\", \"end\"}], with it\n"
            "[{\"entity_group\", \"score\", \"word\", \"start\", \"end\"}]. Positions are code points. "
            "{\"id\", \"output\"}\n"
            "for a line that has an id.",
        .example =
            "  berta ner MODEL \"Ada Lovelace lived in London.\" --aggregation simple\n"
            "  [{\"entity_group\": \"PER\", \"score\": 0.998, \"word\": \"Ada Lovelace\", \"start\": 0, "
            "\"end\": 12}, ...]",
    };
  }

 protected:
  void add_task_options(std::vector<Option>& options) override {
    using enum Aggregation;
    options.push_back(make_choice<Aggregation>(
        "--aggregation", "how tokens become entities", options_.aggregation,
        {{"none", none}, {"simple", simple}, {"first", first}, {"average", average}, {"max", max}}));
    options.push_back(make_list({"--ignore-labels", "LIST", "labels to leave out"}, options_.ignore_labels));
    options.push_back(
        make_integer({"--stride", "N", "read longer texts in windows that overlap by N tokens; 0: cut them"},
                     stride_, {0, 1 << 20}));
  }

  void check_options() override {
    if (stride_ == 0) return;
    if (options_.aggregation == Aggregation::none)
      throw UsageError("--stride: expected an --aggregation beside it");
    options_.stride = static_cast<std::size_t>(stride_);
  }

  Process make_process(const tasks::Runtime& runtime, const Output&) override {
    return make_task_process<std::string, Entities>({
        .read = [](const Record& record) { return record.text("text"); },
        .run = [task = tasks::TokenClassifier(runtime), options = options_](
                   std::span<const std::string> inputs) { return task.run(inputs, options); },
        .write =
            [grouped = options_.aggregation != Aggregation::none](const Record& record,
                                                                  const Entities& result) {
              return with_id(record, [&](JsonWriter& json) { write(json, result, grouped); });
            },
    });
  }

 private:
  static void write(JsonWriter& json, const Entities& result, bool grouped) {
    json.begin_array();
    for (const Entity& entity : result.entities) {
      json.begin_object()
          .member(grouped ? "entity_group" : "entity", entity.label)
          .member("score", entity.score);
      if (!grouped) json.member("index", entity.index);
      json.member("word", entity.word).member("start", entity.begin).member("end", entity.end).end_object();
    }
    json.end_array();
  }

  EntityOptions options_;
  std::int64_t stride_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_ner() {
  return std::make_unique<Ner>();
}

}  // namespace berta::cli
