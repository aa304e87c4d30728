#include "tasks/embed.h"

#include "cli/commands.h"
#include "cli/task_command.h"

namespace berta::cli {
namespace {

enum class Wish : std::uint8_t { automatic, yes, no };
enum class PoolingWish : std::uint8_t { automatic, mean, cls, max, mean_sqrt_length, weighted_mean, last };

class Embed final : public TaskCommand {
 public:
  CommandText text() const override {
    return {
        .name = "embed",
        .summary = "one vector a text",
        .operands = "MODEL [TEXT...]",
        .details =
            "Input lines: texts, or {\"text\"}. Output: [NUMBER, ...], like encode of sentence-transformers, "
            "whose\n"
            "files modules.json and 1_Pooling/config.json say how tokens are pooled where the folder has "
            "them;\n"
            "else mean. {\"id\", \"output\"} for a line that has an id.",
        .example = "  berta embed MODEL \"A fine film.\"\n  [0.0123, -0.0456, ...]",
    };
  }

 protected:
  void add_task_options(std::vector<Option>& options) override {
    options.push_back(make_choice<PoolingWish>(
        "--pooling", "vector of a text from those of its tokens; auto: as the folder says, else mean",
        pooling_,
        {{"auto", PoolingWish::automatic},
         {"mean", PoolingWish::mean},
         {"cls", PoolingWish::cls},
         {"max", PoolingWish::max},
         {"mean-sqrt-length", PoolingWish::mean_sqrt_length},
         {"weighted-mean", PoolingWish::weighted_mean},
         {"last", PoolingWish::last}}));
    options.push_back(make_choice<Wish>("--normalize", "vectors of length 1; auto: as the folder says",
                                        normalize_,
                                        {{"auto", Wish::automatic}, {"yes", Wish::yes}, {"no", Wish::no}}));
  }

  Process make_process(const tasks::Runtime& runtime, const Output&) override {
    EmbedOptions options{.pooling = pooling(), .normalize = std::nullopt};
    if (normalize_ != Wish::automatic) options.normalize = normalize_ == Wish::yes;
    return make_task_process<std::string, Embedding>({
        .read = [](const Record& record) { return record.text("text"); },
        .run = [task = tasks::Embedder(runtime),
                options](std::span<const std::string> inputs) { return task.run(inputs, options); },
        .write =
            [](const Record& record, const Embedding& result) {
              return with_id(record, [&](JsonWriter& json) {
                json.begin_array();
                for (const float value : result.values) json.value(value);
                json.end_array();
              });
            },
    });
  }

 private:
  std::optional<Pooling> pooling() const {
    switch (pooling_) {
      case PoolingWish::mean:
        return Pooling::mean;
      case PoolingWish::cls:
        return Pooling::cls;
      case PoolingWish::max:
        return Pooling::max;
      case PoolingWish::mean_sqrt_length:
        return Pooling::mean_sqrt_length;
      case PoolingWish::weighted_mean:
        return Pooling::weighted_mean;
      case PoolingWish::last:
        return Pooling::last;
      default:
        return std::nullopt;
    }
  }

  PoolingWish pooling_ = PoolingWish::automatic;
  Wish normalize_ = Wish::automatic;
};

}  // namespace

std::unique_ptr<Command> make_embed() {
  return std::make_unique<Embed>();
}

}  // namespace berta::cli
