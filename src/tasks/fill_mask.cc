#include "tasks/fill_mask.h"

#include <algorithm>
#include <string>

#include "core/error.h"
#include "tasks/job.h"
#include "tasks/scores.h"

namespace berta::tasks {
namespace {

/// A vocabulary entry's id, or the first id of the word's tokens.
std::int32_t target_id(const Runtime& runtime, const std::string& target) {
  const tokenizer::Tokenizer& tokenizer = runtime.tokenizer();
  if (const auto id = tokenizer.id(target)) return *id;
  const auto encoding = tokenizer.encode(target, {.add_special_tokens = false});
  if (encoding.ids.empty())
    throw UserError("target '" + target + "': expected at least one token, found none");
  return encoding.ids.front();
}

/// Sorted and without repetitions; empty: every token competes.
std::vector<std::int32_t> target_ids(const Runtime& runtime, const std::vector<std::string>& targets) {
  const std::int64_t vocabulary = runtime.model().info().config.embeddings.vocabulary;
  std::vector<std::int32_t> ids;
  for (const std::string& target : targets) {
    ids.push_back(target_id(runtime, target));
    if (ids.back() >= vocabulary) {
      throw UserError("target '" + target + "': expected an id below the model's " +
                      std::to_string(vocabulary) + ", found " + std::to_string(ids.back()));
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

class FillJob final : public VectorJob<std::string, Fillings> {
 public:
  FillJob(const Runtime& runtime, std::span<const std::string> inputs, const FillOptions& options)
      : VectorJob(inputs),
        runtime_(runtime),
        top_k_(options.top_k),
        targets_(target_ids(runtime, options.targets)),
        texts_(inputs.size()) {}

  std::vector<infer::Sequence> prepare(std::size_t i) override {
    const std::int32_t mask = *runtime_.tokenizer().specials().mask;
    infer::Sequence sequence = to_sequence(encode(runtime_, input(i), LengthRule::generous, result(i)));
    sequence.all_positions = false;
    for (std::size_t t = 0; t < sequence.ids.size(); ++t) {
      if (sequence.ids[t] == mask) sequence.mask_positions.push_back(static_cast<std::int32_t>(t));
    }
    if (sequence.mask_positions.empty()) {
      throw UserError("expected " + runtime_.tokenizer().token(mask) + " in the text, found none" +
                      (result(i).truncated ? " in what the maximal length leaves" : ""));
    }
    texts_[i] = sequence;
    return {std::move(sequence)};
  }

  void consume(std::size_t i, std::size_t /*part*/, const infer::Output& output) override {
    for (std::int64_t row = 0; row < output.logits.rows; ++row) {
      const std::vector<float> scores = softmax(output.logits.row(row));
      result(i).masks.push_back(best(texts_[i], static_cast<std::size_t>(row), scores));
    }
    texts_[i] = {};
  }

 private:
  std::vector<Filling> best(const infer::Sequence& text, std::size_t row,
                            const std::vector<float>& scores) const {
    std::vector<float> target_scores;
    target_scores.reserve(targets_.size());
    for (const std::int32_t id : targets_) target_scores.push_back(scores[static_cast<std::size_t>(id)]);
    std::vector<Filling> out;
    for (const std::size_t index : largest(targets_.empty() ? scores : target_scores, top_k_)) {
      const std::int32_t id = targets_.empty() ? static_cast<std::int32_t>(index) : targets_[index];
      out.push_back({.score = scores[static_cast<std::size_t>(id)],
                     .token = id,
                     .token_text = runtime_.tokenizer().decode(std::span(&id, 1), false),
                     .text = filled(text, row, id)});
    }
    return out;
  }

  /// The text with `id` at the mask; with several masks the specials stay, so that the other masks are seen.
  std::string filled(const infer::Sequence& text, std::size_t row, std::int32_t id) const {
    std::vector<std::int32_t> ids = text.ids;
    ids[static_cast<std::size_t>(text.mask_positions[row])] = id;
    if (const auto pad = runtime_.tokenizer().specials().pad) std::erase(ids, *pad);
    return runtime_.tokenizer().decode(ids, text.mask_positions.size() == 1);
  }

  const Runtime& runtime_;
  std::size_t top_k_;
  std::vector<std::int32_t> targets_;
  std::vector<infer::Sequence> texts_;
};

}  // namespace

MaskFiller::MaskFiller(Runtime runtime) : runtime_(std::move(runtime)) {
  runtime_.model().resolve(infer::Head::mlm);
  if (!runtime_.tokenizer().specials().mask) {
    throw UserError(runtime_.folder() + ": expected a mask token in the tokenizer's files, found none");
  }
}

std::vector<Fillings> MaskFiller::run(std::span<const std::string> inputs, const FillOptions& options) const {
  if (options.top_k == 0) throw UserError("top_k: expected at least 1, found 0");
  FillJob job(runtime_, inputs, options);
  run_job(runtime_, {.head = infer::Head::mlm}, job);
  return job.take_results();
}

}  // namespace berta::tasks
