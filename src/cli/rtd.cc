#include "tasks/rtd.h"

#include "cli/commands.h"
#include "cli/task_command.h"

namespace berta::cli {
namespace {

class Rtd final : public TaskCommand {
 public:
  CommandText text() const override {
    return {
        .name = "rtd",
        .summary = "for each token the probability that it was replaced",
        .operands = "MODEL [TEXT...]",
        .details =
            "Input lines: texts, or {\"text\"}. Output: [{\"token\", \"id\", \"start\", \"end\", "
            "\"score\"}], one a token,\n"
            "without [CLS] and [SEP]; score is the discriminator's probability, positions are code points.\n"
            "{\"id\", \"output\"} for a line that has an id.",
        .example =
            "  berta rtd MODEL \"The cat barked at the moon.\"\n"
            "  [{\"token\": \"The\", \"id\": 279, \"start\": 0, \"end\": 3, \"score\": 0.01}, ...]",
    };
  }

 protected:
  Process make_process(const tasks::Runtime& runtime, const Output&) override {
    return make_task_process<std::string, ReplacedTokens>({
        .read = [](const Record& record) { return record.text("text"); },
        .run = [task = tasks::ReplacedTokenDetector(runtime)](
                   std::span<const std::string> inputs) { return task.run(inputs); },
        .write =
            [](const Record& record, const ReplacedTokens& result) {
              return with_id(record, [&](JsonWriter& json) { write(json, result); });
            },
    });
  }

 private:
  static void write(JsonWriter& json, const ReplacedTokens& result) {
    json.begin_array();
    for (const TokenProbability& token : result.tokens) {
      json.begin_object().member("token", token.token).member("id", token.id);
      json.member("start", token.begin)
          .member("end", token.end)
          .member("score", token.probability)
          .end_object();
    }
    json.end_array();
  }
};

}  // namespace

std::unique_ptr<Command> make_rtd() {
  return std::make_unique<Rtd>();
}

}  // namespace berta::cli
