#include "tasks/token_classify.h"

#include <algorithm>
#include <string>

#include "core/error.h"
#include "core/utf8.h"
#include "tasks/entities.h"
#include "tasks/job.h"
#include "tasks/scores.h"

namespace berta::tasks {
namespace {

class EntityJob final : public VectorJob<std::string, Entities> {
 public:
  EntityJob(const Runtime& runtime, std::span<const std::string> inputs, const EntityOptions& options)
      : VectorJob(inputs), runtime_(runtime), options_(options), texts_(inputs.size()) {}

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    Text& text = texts_[i];
    text.windows = encode_text(i);
    text.code_points = decode_utf8(input(i));
    text.entities.resize(text.windows.size());
    std::vector<infer::Sequence> sequences;
    sequences.reserve(text.windows.size());
    for (const auto& window : text.windows) sequences.push_back(to_sequence(window));
    return sequences;
  }

  void consume(std::size_t i, std::size_t part, const infer::Output& output) override {
    Text& text = texts_[i];
    const tokenizer::Encoding& window = text.windows[part];
    std::vector<ScoredToken> tokens;
    for (std::size_t t = 0; t < window.ids.size(); ++t) {
      if (window.sequence[t] < 0) continue;
      tokens.push_back(make_token(window, t, text.code_points));
      tokens.back().scores = softmax(output.logits.row(static_cast<std::int64_t>(t)));
    }
    const EntityRules rules{options_.aggregation, runtime_.model().info().labels, runtime_.tokenizer()};
    text.entities[part] = aggregate(tokens, rules);
    std::erase_if(text.entities[part], [&](const Entity& entity) {
      const auto& ignored = options_.ignore_labels;
      return std::find(ignored.begin(), ignored.end(), entity.label) != ignored.end();
    });
  }

  void finish(std::size_t i) override {
    std::vector<Entity>& all = result(i).entities;
    for (std::vector<Entity>& entities : texts_[i].entities) {
      std::move(entities.begin(), entities.end(), std::back_inserter(all));
    }
    if (texts_[i].entities.size() > 1) all = resolve_overlaps(std::move(all));
    texts_[i] = {};
  }

 private:
  struct Text {
    std::vector<tokenizer::Encoding> windows;
    std::u32string code_points;
    std::vector<std::vector<Entity>> entities;  // by window
  };

  std::vector<tokenizer::Encoding> encode_text(std::size_t i) {
    if (!options_.stride) return {encode(runtime_, input(i), LengthRule::tokenizer, result(i))};
    return runtime_.tokenizer().encode_windows(
        input(i), {.max_length = runtime_.max_length(LengthRule::tokenizer), .stride = *options_.stride});
  }

  ScoredToken make_token(const tokenizer::Encoding& window, std::size_t t, std::u32string_view text) const {
    const tokenizer::Tokenizer& tokenizer = runtime_.tokenizer();
    const tokenizer::Offset offset = window.offsets[t];
    ScoredToken token{.word = tokenizer.token(window.ids[t]),
                      .scores = {},
                      .begin = offset.begin,
                      .end = offset.end,
                      .index = t,
                      .is_subword = false};
    const std::size_t begin = std::min<std::size_t>(offset.begin, text.size());
    const std::size_t end = std::clamp<std::size_t>(offset.end, begin, text.size());
    if (window.ids[t] == tokenizer.specials().unk) {
      token.word = encode_utf8(text.substr(begin, end - begin));
    } else if (tokenizer.has_subword_prefix()) {
      token.is_subword = decode_utf8(token.word).size() != end - begin;
    } else {
      // Words that the tokenizer does not know of: a blank before the token or at its beginning begins one.
      token.is_subword = begin > 0 && text.substr(begin - 1, 2).find(U' ') == std::u32string_view::npos;
    }
    return token;
  }

  const Runtime& runtime_;
  const EntityOptions& options_;
  std::vector<Text> texts_;
};

}  // namespace

TokenClassifier::TokenClassifier(Runtime runtime) : runtime_(std::move(runtime)) {
  runtime_.model().resolve(infer::Head::token);
}

std::vector<Entities> TokenClassifier::run(std::span<const std::string> inputs,
                                           const EntityOptions& options) const {
  if (options.stride && options.aggregation == Aggregation::none) {
    throw UserError("stride: expected an aggregation other than none, which alone can join windows");
  }
  EntityJob job(runtime_, inputs, options);
  run_job(runtime_, {.head = infer::Head::token}, job);
  return job.take_results();
}

}  // namespace berta::tasks
