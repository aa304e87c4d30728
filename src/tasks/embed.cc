#include "tasks/embed.h"

#include <string>

#include "tasks/job.h"
#include "tasks/pooling.h"
#include "tasks/text.h"

namespace berta::tasks {
namespace {

class EmbedJob final : public VectorJob<std::string, Embedding> {
 public:
  EmbedJob(const Runtime& runtime, std::span<const std::string> inputs, SentenceSettings settings)
      : VectorJob(inputs),
        runtime_(runtime),
        settings_(std::move(settings)),
        encode_options_(runtime.encode_options(LengthRule::sentence)) {
    const bool free = runtime.options().max_length == 0 && settings_.max_length > 0;
    if (free) encode_options_.max_length = settings_.max_length;
  }

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    const std::string prompted = settings_.prompt + input(i);
    std::string text(strip(prompted));
    if (settings_.lower_case) text = lower(text);
    return {to_sequence(runtime_.tokenizer().encode(text, encode_options_, &result(i).truncated))};
  }

  void consume(std::size_t i, std::size_t /*part*/, const infer::Output& output) override {
    result(i).values = pool(output.last_hidden_state, settings_.poolings);
    if (settings_.normalize) normalize(result(i).values);
  }

 private:
  const Runtime& runtime_;
  SentenceSettings settings_;
  tokenizer::EncodeOptions encode_options_;
};

}  // namespace

Embedder::Embedder(Runtime runtime)
    : runtime_(std::move(runtime)), settings_(read_sentence_settings(runtime_.folder())) {}

std::vector<Embedding> Embedder::run(std::span<const std::string> inputs, const EmbedOptions& options) const {
  SentenceSettings settings = settings_;
  if (options.pooling) settings.poolings = {*options.pooling};
  if (options.normalize) settings.normalize = *options.normalize;
  EmbedJob job(runtime_, inputs, std::move(settings));
  run_job(runtime_, {.head = infer::Head::none, .last_hidden_state = true}, job);
  return job.take_results();
}

}  // namespace berta::tasks
