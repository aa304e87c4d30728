#include "wordvec/trainer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "core/parallel.h"
#include "kernels/word_vectors.h"

namespace berta::wordvec {

/// One thread's part: its random stream, and examples that wait while their rows come from memory.
class Trainer::Worker {
 public:
  Worker(Trainer& trainer, const RandomStream& random)
      : trainer_(trainer),
        random_(random),
        scratch_(kernels::update_scratch(trainer.model_.inputs.stride(), trainer.maker_.most_groups(),
                                         trainer.maker_.most_outputs())) {}

  const RandomStream::State& random() const { return random_.state(); }

  void run() {
    std::string block;
    while (trainer_.next_block(block)) {
      for_words(
          block,
          [&](std::string_view word) {
            ++tokens_;
            trainer_.maker_.take(word, random_, line_);
          },
          [&] { end_line(); });
      while (waiting_ > 0) train_oldest();
      report();
    }
  }

 private:
  /// Examples whose rows are asked for before the first of them is trained: at some tenths of a
  /// microsecond each they cover the way from memory, and their rows are a part of the first-level cache.
  static constexpr std::size_t kAhead = 3;
  /// Examples between two whose loss is computed: a sample is enough for the progress bar.
  static constexpr std::uint64_t kLossEvery = 64;
  /// Tokens between two looks at the learning rate.
  static constexpr std::uint64_t kReportEvery = 1024;

  void end_line() {
    kept_ += line_.size();
    const std::size_t early = trainer_.options_.window + kAhead;
    for (std::size_t i = 0; i < line_.size(); ++i) {
      if (i + early < line_.size())
        prefetch(trainer_.model_.inputs, trainer_.maker_.inputs_of(line_[i + early]));
      auto window = trainer_.maker_.draw_window(line_.size(), i, random_);
      while (!window.empty()) {
        Example& example = slots_[(oldest_ + waiting_) % slots_.size()];
        trainer_.maker_.make(line_, window, random_, example);
        push(example);
      }
    }
    line_.clear();
    if (tokens_ >= kReportEvery) report();
  }

  /// `example` is the slot behind the waiting ones.
  void push(const Example& example) {
    prefetch(trainer_.model_.outputs, example.outputs);
    ++waiting_;
    if (waiting_ > kAhead) train_oldest();
  }

  void train_oldest() {
    const Example& example = slots_[oldest_];
    const bool want_loss = examples_++ % kLossEvery == 0;
    const float loss =
        kernels::update_words({.input_rows = trainer_.model_.inputs.row(0),
                               .inputs = example.inputs.data(),
                               .group_ends = example.group_ends.data(),
                               .groups = example.group_ends.size(),
                               .output_rows = trainer_.model_.outputs.row(0),
                               .outputs = example.outputs.data(),
                               .labels = example.labels,
                               .output_count = example.outputs.size(),
                               .stride = trainer_.model_.inputs.stride(),
                               .rate = rate_,
                               .divide_inputs = trainer_.options_.cbow_update == CbowUpdate::corrected},
                              scratch_.data(), want_loss);
    if (want_loss) {
      loss_ += static_cast<double>(loss);
      losses_ += example.group_ends.size();
    }
    oldest_ = (oldest_ + 1) % slots_.size();
    --waiting_;
  }

  /// Adds to the counts of all threads, and takes the learning rate that follows from them.
  void report() {
    trainer_.tokens_done_.fetch_add(std::exchange(tokens_, 0), std::memory_order_relaxed);
    trainer_.kept_done_.fetch_add(std::exchange(kept_, 0), std::memory_order_relaxed);
    trainer_.loss_sum_.fetch_add(std::exchange(loss_, 0), std::memory_order_relaxed);
    trainer_.loss_count_.fetch_add(std::exchange(losses_, 0), std::memory_order_relaxed);
    rate_ = static_cast<float>(trainer_.rate());
  }

  static void prefetch(const Matrix& matrix, std::span<const std::uint32_t> rows) {
    kernels::prefetch_rows(matrix.row(0), matrix.stride(), rows.data(), rows.size());
  }

  Trainer& trainer_;
  RandomStream random_;
  AlignedBuffer<float> scratch_;
  std::vector<std::uint32_t> line_;
  std::array<Example, kAhead + 1> slots_;
  std::size_t oldest_ = 0;
  std::size_t waiting_ = 0;
  float rate_ = static_cast<float>(trainer_.rate());
  std::uint64_t examples_ = 0;
  std::uint64_t tokens_ = 0;
  std::uint64_t kept_ = 0;
  double loss_ = 0;
  std::uint64_t losses_ = 0;
};

Trainer::Trainer(const Input& input, const TrainOptions& options, TrainState state)
    : corpus_(*input.corpus),
      model_(*input.model),
      options_(options),
      maker_(input.model->vocabulary, options),
      state_(std::move(state)),
      tokens_in_all_(input.tokens * options.epochs),
      tokens_done_(state_.tokens_done) {
  for (std::uint64_t i = state_.streams.size(); i < input.threads; ++i) {
    state_.streams.push_back(RandomStream(options.seed, i).state());
  }
  state_.streams.resize(input.threads);
  for (const auto& stream : state_.streams) {
    workers_.push_back(std::make_unique<Worker>(*this, RandomStream(stream)));
  }
  corpus_.seek(state_.position);
}

Trainer::~Trainer() = default;

bool Trainer::run(const std::function<bool(const TrainProgress&)>& go_on) {
  go_on_ = &go_on;
  stopped_ = false;
  while (state_.epoch < options_.epochs) {
    epoch_ended_ = false;
    parallel_for(workers_.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) workers_[i]->run();
    });
    for (std::size_t i = 0; i < workers_.size(); ++i) state_.streams[i] = workers_[i]->random();
    state_.position = corpus_.position();
    state_.tokens_done = tokens_done_;
    if (stopped_) return false;
    ++state_.epoch;
    state_.position = {};
    corpus_.seek({});
  }
  return true;
}

bool Trainer::next_block(std::string& block) {
  const std::scoped_lock lock(reading_);
  if (stopped_ || epoch_ended_) return false;
  try {
    stopped_ = !(*go_on_)(progress());
    if (stopped_) return false;
    epoch_ended_ = !corpus_.next(block);
  } catch (...) {
    stopped_ = true;  // the other threads end, too
    throw;
  }
  return !epoch_ended_;
}

double Trainer::rate() const {
  const double part = static_cast<double>(tokens_done_.load(std::memory_order_relaxed)) /
                      std::max(1.0, static_cast<double>(tokens_in_all_));
  const double first = options_.first_rate();
  return std::max(std::min(options_.min_rate, first), first * (1 - part));
}

TrainProgress Trainer::progress() const {
  const auto losses = static_cast<double>(loss_count_.load());
  return {.tokens_done = tokens_done_,
          .tokens_in_all = tokens_in_all_,
          .kept_done = kept_done_,
          .rate = rate(),
          .loss = losses > 0 ? loss_sum_ / losses : 0};
}

}  // namespace berta::wordvec
