#include "tasks/zero_shot.h"

#include "cli/commands.h"
#include "cli/task_command.h"

namespace berta::cli {
namespace {

class ZeroShot final : public TaskCommand {
 public:
  CommandText text() const override {
    return {
        .name = "zero-shot",
        .summary = "scores of labels that you name, by a model of natural language inference",
        .operands = "MODEL [TEXT...]",
        .details =
            "Input lines: texts with --labels, or {\"text\", \"labels\": [...]}. Output, like transformers'\n"
            "zero-shot-classification pipeline: {\"sequence\", \"labels\", \"scores\"}, best first. {\"id\", "
            "\"output\"} for\n"
            "a line that has an id.",
        .example =
            "  berta zero-shot MODEL \"The team won the cup.\" --labels sports,politics\n"
            "  {\"sequence\": \"The team won the cup.\", \"labels\": [\"sports\", \"politics\"], \"scores\": "
            "[0.99, 0.01]}",
    };
  }

 protected:
  void add_task_options(std::vector<Option>& options) override {
    options.push_back(
        make_list({"--labels", "LIST", "labels, separated by commas, of lines that have none"}, labels_));
    options.push_back(
        make_text({"--template", "TEXT", "hypothesis; {} stands for the label"}, options_.hypothesis));
    options.push_back(
        make_switch({"--multi-label", "", "each label by itself: several may hold"}, options_.multi_label));
  }

  Process make_process(const tasks::Runtime& runtime, const Output&) override {
    return make_task_process<ZeroShotInput, Classification>({
        .read = [this](const Record& record) { return read(record); },
        .run = [task = tasks::ZeroShotClassifier(runtime), options = options_](
                   std::span<const ZeroShotInput> inputs) { return task.run(inputs, options); },
        .write =
            [](const Record& record, const Classification& result) {
              return with_id(record, [&](JsonWriter& json) { write(json, record, result); });
            },
    });
  }

 private:
  ZeroShotInput read(const Record& record) const {
    ZeroShotInput input{.text = record.text("text"), .labels = labels_};
    if (record.has("labels")) {
      input.labels = record.texts("labels");
    } else if (labels_.empty()) {
      throw UserError(record.where + ": expected a key 'labels' or the option --labels, found neither");
    }
    if (input.labels.empty())
      throw UserError(record.where + ": key 'labels': expected at least one, found none");
    return input;
  }

  static void write(JsonWriter& json, const Record& record, const Classification& result) {
    json.begin_object().member("sequence", record.text("text")).key("labels").begin_array();
    for (const LabelScore& label : result.labels) json.value(label.label);
    json.end_array().key("scores").begin_array();
    for (const LabelScore& label : result.labels) json.value(label.score);
    json.end_array().end_object();
  }

  std::vector<std::string> labels_;
  ZeroShotOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_zero_shot() {
  return std::make_unique<ZeroShot>();
}

}  // namespace berta::cli
