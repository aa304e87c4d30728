#include "tasks/rtd.h"

#include "tasks/job.h"
#include "tasks/scores.h"

namespace berta::tasks {
namespace {

class ReplacedTokensJob final : public VectorJob<std::string, ReplacedTokens> {
 public:
  ReplacedTokensJob(const Runtime& runtime, std::span<const std::string> inputs)
      : VectorJob(inputs), runtime_(runtime), encodings_(inputs.size()) {}

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    encodings_[i] = encode(runtime_, input(i), LengthRule::generous, result(i));
    return {to_sequence(encodings_[i])};
  }

  void consume(std::size_t i, std::size_t /*part*/, const infer::Output& output) override {
    const tokenizer::Encoding& encoding = encodings_[i];
    for (std::size_t t = 0; t < encoding.ids.size(); ++t) {
      if (encoding.sequence[t] < 0) continue;
      result(i).tokens.push_back({.token = runtime_.tokenizer().token(encoding.ids[t]),
                                  .id = encoding.ids[t],
                                  .begin = encoding.offsets[t].begin,
                                  .end = encoding.offsets[t].end,
                                  .probability = sigmoid(output.logits.data[t])});
    }
    encodings_[i] = {};
  }

 private:
  const Runtime& runtime_;
  std::vector<tokenizer::Encoding> encodings_;
};

}  // namespace

ReplacedTokenDetector::ReplacedTokenDetector(Runtime runtime) : runtime_(std::move(runtime)) {
  runtime_.model().resolve(infer::Head::rtd);
}

std::vector<ReplacedTokens> ReplacedTokenDetector::run(std::span<const std::string> inputs) const {
  ReplacedTokensJob job(runtime_, inputs);
  run_job(runtime_, {.head = infer::Head::rtd}, job);
  return job.take_results();
}

}  // namespace berta::tasks
