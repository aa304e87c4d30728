#include "train/heads/task_head.h"

#include <numeric>

#include "core/error.h"
#include "data/split.h"
#include "train/heads/task_data.h"

namespace berta::train {

std::unique_ptr<TaskHead> make_task_head(const TaskInput& input) {
  switch (input.settings.task) {
    case Task::classification:
    case Task::regression:
    case Task::multi_label:
      return make_text_head(input);
    case Task::token:
      return make_token_head(input);
    case Task::answer:
      return make_answer_head(input);
    case Task::choice:
      return make_choice_head(input);
    case Task::rerank:
    case Task::reward:
      return make_pair_head(input);
  }
  throw InternalError("unknown task");
}

tokenizer::EncodeOptions encode_options(const FinetuneSettings& settings) {
  constexpr std::size_t kLength = 256;
  return {.max_length = settings.max_length > 0 ? static_cast<std::size_t>(settings.max_length) : kLength};
}

infer::Sequence encode_texts(const TaskInput& input, const std::string& text,
                             const std::optional<std::string>& pair) {
  const auto options = encode_options(input.settings);
  return to_sequence(pair ? input.tokenizer.encode_pair(text, *pair, options)
                          : input.tokenizer.encode(text, options));
}

at::Tensor class_losses(const at::Tensor& logits, const at::Tensor& labels,
                        const FinetuneSettings& settings) {
  const at::Tensor each =
      at::cross_entropy_loss(logits, labels, {}, at::Reduction::None, -100, settings.label_smoothing);
  if (settings.focal_gamma == 0) return each;
  // (1 - p)^gamma -log p (Lin et al. 2017).
  return (1 - at::exp(-each)).pow(settings.focal_gamma) * each;
}

at::Tensor class_loss(const at::Tensor& logits, const at::Tensor& labels, const FinetuneSettings& settings) {
  if (settings.focal_gamma == 0) {
    return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, -100, settings.label_smoothing);
  }
  return class_losses(logits, labels, settings).sum() / labels.ne(-100).sum().clamp_min(1);
}

SampleSplit split_of(std::size_t train_count, std::size_t dev_count, const FinetuneSettings& settings,
                     std::span<const std::size_t> classes) {
  SampleSplit split;
  if (settings.folds > 0) {
    const auto fold = static_cast<std::size_t>(settings.fold);
    std::vector<data::Split> folds = data::split_folds(
        train_count,
        {.folds = static_cast<std::size_t>(settings.folds), .seed = settings.run.seed, .classes = classes});
    return {std::move(folds.at(fold).train), std::move(folds.at(fold).dev)};
  }
  if (dev_count > 0 || settings.dev_share == 0) {
    split.train.resize(train_count);
    std::iota(split.train.begin(), split.train.end(), std::size_t{0});
    split.dev.resize(dev_count);
    std::iota(split.dev.begin(), split.dev.end(), train_count);
    return split;
  }
  data::Split parts = data::split_samples(
      train_count, {.dev_share = settings.dev_share, .seed = settings.run.seed, .classes = classes});
  return {std::move(parts.train), std::move(parts.dev)};
}

}  // namespace berta::train
