#include "tasks/fill_mask.h"

#include "cli/commands.h"
#include "cli/task_command.h"

namespace berta::cli {
namespace {

class FillMask final : public TaskCommand {
 public:
  CommandText text() const override {
    return {
        .name = "fill-mask",
        .summary = "words for [MASK]",
        .operands = "MODEL [TEXT...]",
        .details =
            "Input lines: texts, or {\"text\"}, with one [MASK] or several. Output, like transformers' "
            "fill-mask\n"
            "pipeline: [{\"score\", \"token\", \"token_str\", \"sequence\"}], for several masks a list of "
            "these lists.\n"
            "Through the Enhanced Mask Decoder where the checkpoint has it. {\"id\", \"output\"} for a line "
            "that has\n"
            "an id.",
        .example =
            "  berta fill-mask MODEL \"Paris is the [MASK] of France.\"\n"
            "  [{\"score\": 0.98, \"token\": 1274, \"token_str\": \"capital\", \"sequence\": \"Paris is the "
            "capital of France.\"}, ...]",
    };
  }

 protected:
  void add_task_options(std::vector<Option>& options) override {
    options.push_back(make_integer({"--top-k", "N", "tokens of a mask, best first"}, top_k_, {1, 1 << 20}));
    options.push_back(
        make_list({"--targets", "LIST", "only these words compete, separated by commas"}, options_.targets));
  }

  Process make_process(const tasks::Runtime& runtime, const Output&) override {
    options_.top_k = static_cast<std::size_t>(top_k_);
    return make_task_process<std::string, Fillings>({
        .read = [](const Record& record) { return record.text("text"); },
        .run = [task = tasks::MaskFiller(runtime), options = options_](
                   std::span<const std::string> inputs) { return task.run(inputs, options); },
        .write =
            [](const Record& record, const Fillings& result) {
              return with_id(record, [&](JsonWriter& json) {
                const bool several = result.masks.size() != 1;
                if (several) json.begin_array();
                for (const auto& mask : result.masks) write(json, mask);
                if (several) json.end_array();
              });
            },
    });
  }

 private:
  static void write(JsonWriter& json, const std::vector<Filling>& mask) {
    json.begin_array();
    for (const Filling& filling : mask) {
      json.begin_object().member("score", filling.score).member("token", filling.token);
      json.member("token_str", filling.token_text).member("sequence", filling.text).end_object();
    }
    json.end_array();
  }

  FillOptions options_;
  std::int64_t top_k_ = 5;
};

}  // namespace

std::unique_ptr<Command> make_fill_mask() {
  return std::make_unique<FillMask>();
}

}  // namespace berta::cli
