#include "tasks/question_answer.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "core/error.h"
#include "core/utf8.h"
#include "tasks/answer_spans.h"
#include "tasks/job.h"
#include "tasks/text.h"

namespace berta::tasks {
namespace {

/// What the pipeline takes windows to be where nothing is said.
constexpr std::size_t kWindowLength = 384;
constexpr std::size_t kStride = 128;
/// The null score before any window.
constexpr double kNoNullScore = 1000000;

class AnswerJob final : public VectorJob<QuestionInput, Answers> {
 public:
  AnswerJob(const Runtime& runtime, std::span<const QuestionInput> inputs, const AnswerOptions& options,
            const tokenizer::WindowOptions& windows)
      : VectorJob(inputs),
        runtime_(runtime),
        options_(options),
        window_options_(windows),
        // Words may swallow spans: more of them are looked at than are wanted.
        span_options_{.count = options.align_to_words ? options.top_k * 2 + 10 : options.top_k,
                      .max_length = options.max_answer_length,
                      .cls = runtime.tokenizer().specials().cls},
        contexts_(inputs.size()) {}

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    Context& context = contexts_[i];
    context.windows =
        runtime_.tokenizer().encode_windows(input(i).question, input(i).context, window_options_);
    context.ranges.resize(context.windows.size());
    context.null_scores.resize(context.windows.size());
    std::vector<infer::Sequence> sequences;
    sequences.reserve(context.windows.size());
    for (const auto& window : context.windows) sequences.push_back(to_sequence(window));
    return sequences;
  }

  void consume(std::size_t i, std::size_t part, const infer::Output& output) override {
    Context& context = contexts_[i];
    const tokenizer::Encoding& window = context.windows[part];
    const WindowAnswers answers = find_spans(window, output.logits, span_options_);
    context.null_scores[part] = answers.null_score;
    for (const AnswerSpan& span : answers.spans) {
      const tokenizer::Offset range = span_range(window, span, options_.align_to_words);
      context.ranges[part].push_back({span.score, range});
    }
  }

  void finish(std::size_t i) override {
    std::vector<Answer>& answers = result(i).answers;
    answers = merge(decode_utf8(input(i).context), contexts_[i]);
    if (options_.allow_impossible) {
      const auto& nulls = contexts_[i].null_scores;
      const double score = nulls.empty() ? kNoNullScore : *std::min_element(nulls.begin(), nulls.end());
      answers.push_back({.score = score, .text = {}});
    }
    std::stable_sort(answers.begin(), answers.end(),
                     [](const Answer& a, const Answer& b) { return a.score > b.score; });
    if (answers.size() > options_.top_k) answers.resize(options_.top_k);
    contexts_[i] = {};
  }

 private:
  struct ScoredRange {
    float score;
    tokenizer::Offset range;
  };
  struct Context {
    std::vector<tokenizer::Encoding> windows;
    std::vector<std::vector<ScoredRange>> ranges;  // by window
    std::vector<double> null_scores;               // by window
  };

  /// Answers of one wording, whatever the case and place, are one: the scores add up, the first place stays.
  static std::vector<Answer> merge(std::u32string_view text, const Context& context) {
    std::vector<Answer> answers;
    std::unordered_map<std::string, std::size_t> wordings;
    for (const auto& ranges : context.ranges) {
      for (const auto& [score, range] : ranges) {
        const std::size_t begin = std::min<std::size_t>(range.begin, text.size());
        const std::size_t end = std::clamp<std::size_t>(range.end, begin, text.size());
        std::string answer = encode_utf8(text.substr(begin, end - begin));
        const auto [same, is_new] = wordings.try_emplace(lower(answer), answers.size());
        if (!is_new) {
          answers[same->second].score += score;
          continue;
        }
        answers.push_back(
            {.score = score, .begin = range.begin, .end = range.end, .text = std::move(answer)});
      }
    }
    return answers;
  }

  const Runtime& runtime_;
  const AnswerOptions& options_;
  tokenizer::WindowOptions window_options_;
  SpanOptions span_options_;
  std::vector<Context> contexts_;
};

tokenizer::WindowOptions window_options(const Runtime& runtime, const AnswerOptions& options) {
  tokenizer::WindowOptions windows;
  const std::size_t longest = runtime.max_length(LengthRule::tokenizer);
  windows.max_length = options.window_length > 0 ? options.window_length : std::min(longest, kWindowLength);
  windows.stride = options.stride.value_or(std::min(windows.max_length / 2, kStride));
  if (windows.stride >= windows.max_length) {
    throw UserError("stride: expected less than the window's " + std::to_string(windows.max_length) +
                    " tokens, found " + std::to_string(windows.stride));
  }
  return windows;
}

}  // namespace

QuestionAnswerer::QuestionAnswerer(Runtime runtime) : runtime_(std::move(runtime)) {
  runtime_.model().resolve(infer::Head::qa);
}

std::vector<Answers> QuestionAnswerer::run(std::span<const QuestionInput> inputs,
                                           const AnswerOptions& options) const {
  if (options.top_k == 0) throw UserError("top_k: expected at least 1, found 0");
  if (options.max_answer_length == 0) throw UserError("max_answer_length: expected at least 1, found 0");
  AnswerJob job(runtime_, inputs, options, window_options(runtime_, options));
  run_job(runtime_, {.head = infer::Head::qa}, job);
  return job.take_results();
}

}  // namespace berta::tasks
