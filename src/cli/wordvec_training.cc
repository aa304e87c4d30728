#include "cli/wordvec_training.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "cli/machine.h"
#include "cli/signals.h"
#include "cli/usage_error.h"
#include "io/atomic_file.h"
#include "wordvec/checkpoint.h"

namespace berta::cli {
namespace {

using namespace std::chrono;
using wordvec::TrainCheckpoint;
using wordvec::TrainProgress;

/// One run of the command.
class Training {
 public:
  Training(const WordTrainSettings& settings, Console& console)
      : settings_(settings), console_(console), corpus_(settings.inputs) {}

  int run() {
    const auto start = steady_clock::now();
    if (!begin()) return stopped();
    const auto counted = steady_clock::now();
    wordvec::Trainer trainer({&corpus_, &now_.model, now_.tokens, settings_.threads}, settings_.options,
                             now_.state);
    const bool ended = train(trainer);
    console_.clear_bar();
    if (!ended) return stopped();
    const double seconds = duration<double>(steady_clock::now() - counted).count();
    write_results(trainer.progress(), duration<double>(counted - start).count(), seconds);
    return kDone;
  }

 private:
  /// Model and state to begin with; false when a signal came before there was anything.
  bool begin() {
    if (settings_.resume) {
      now_ = wordvec::read_checkpoint(settings_.checkpoint, settings_.options, corpus_.files());
      tokens_before_ = now_.state.tokens_done;
      return true;
    }
    const bool from_vectors = !settings_.pretrained.empty();
    const wordvec::WordVectors vectors = from_vectors ? read_pretrained() : wordvec::WordVectors{};
    wordvec::Vocabulary vocabulary;
    if (!count(vocabulary)) return false;
    if (from_vectors) {
      vocabulary =
          wordvec::merge_vocabulary(vectors, vocabulary, settings_.limits, settings_.continue_vocabulary);
    }
    if (!settings_.save_vocabulary.empty()) wordvec::write_vocabulary(settings_.save_vocabulary, vocabulary);
    console_.note(fmt::format("{} tokens, {} words in the vocabulary", now_.tokens, vocabulary.size()));
    now_.model = wordvec::make_word_model(std::move(vocabulary), settings_.options);
    if (from_vectors) wordvec::begin_from(now_.model, vectors);
    return true;
  }

  wordvec::WordVectors read_pretrained() const {
    wordvec::WordVectors vectors = wordvec::read_vectors(settings_.pretrained);
    try {
      wordvec::check_begin(vectors, settings_.options);
    } catch (const UserError& error) {
      throw UserError(settings_.pretrained + ": " + error.what());
    }
    return vectors;
  }

  /// The words, and how many tokens the corpus has; false when a signal came.
  bool count(wordvec::Vocabulary& vocabulary) {
    const auto go_on = [&](double fraction) {
      console_.progress(fraction, [](double) { return std::string("counting words"); });
      return stop_.signal() == 0;
    };
    // Also where the vocabulary is given: the learning rate falls with the tokens of the corpus. Words that
    // vectors know may be rare.
    const bool given = !settings_.vocabulary.empty();
    const bool all = given || !settings_.pretrained.empty();
    auto counted = wordvec::count_words(corpus_, all ? wordvec::VocabularyLimits{} : settings_.limits, go_on);
    console_.clear_bar();
    if (counted.tokens == 0) return false;
    now_.tokens = counted.tokens;
    if (!given) {
      vocabulary = std::move(counted.vocabulary);
      return true;
    }
    vocabulary = wordvec::limited(wordvec::read_vocabulary(settings_.vocabulary), settings_.limits);
    if (vocabulary.total() == 0) {
      throw UserError(fmt::format("{}: no word comes {} times, as --min-count asks, and at least once",
                                  settings_.vocabulary, settings_.limits.min_count));
    }
    return true;
  }

  bool train(wordvec::Trainer& trainer) {
    const auto between =
        duration_cast<steady_clock::duration>(duration<double, std::ratio<60>>(settings_.checkpoint_minutes));
    console_.begin_progress(static_cast<double>(tokens_before_) /
                            static_cast<double>(now_.tokens * settings_.options.epochs));
    for (;;) {
      const auto due = steady_clock::now() + between;
      const bool ended = trainer.run([&](const TrainProgress& progress) {
        show(progress);
        const bool time = settings_.checkpoint_minutes > 0 && steady_clock::now() >= due;
        return stop_.signal() == 0 && !time;
      });
      if (ended) return true;
      now_.state = trainer.state();
      const bool last = stop_.signal() != 0;
      save(last);
      if (last) return false;
    }
  }

  /// A checkpoint that fails on the way, as on a full disk, ends nothing: the one of before is still there.
  void save(bool last) {
    try {
      wordvec::write_checkpoint(settings_.checkpoint, settings_.options, corpus_.files(), now_);
      saved_ = true;
    } catch (const UserError& error) {
      if (last) throw;
      console_.warn(error.what());
    }
  }

  /// Throws UserError where the vectors would be of no use.
  void check(const TrainProgress& progress) const {
    if (progress.kept_done == 0 && progress.tokens_done > tokens_before_) {
      throw UserError("nothing was trained: none of the text's words is in the vocabulary");
    }
    if (!wordvec::is_finite(now_.model)) {
      throw UserError(
          fmt::format("training diverged with --lr {}: its vectors have numbers that are infinite",
                      settings_.options.first_rate()));
    }
  }

  void show(const TrainProgress& progress) {
    const auto done = static_cast<double>(progress.tokens_done);
    console_.progress(done / static_cast<double>(progress.tokens_in_all), [&](double seconds) {
      return fmt::format("{:.2f} M words/s, loss {:.4f}, lr {:.5f}",
                         static_cast<double>(progress.tokens_done - tokens_before_) / seconds / 1e6,
                         progress.loss, progress.rate);
    });
  }

  int stopped() {
    console_.clear_bar();
    if (saved_) {
      console_.say(
          fmt::format("stopped; go on with the same command and --resume ({})", settings_.checkpoint));
    }
    return 128 + stop_.signal();
  }

  void write_results(const TrainProgress& progress, double counting, double seconds) {
    check(progress);
    const std::size_t words = now_.model.vocabulary.size();
    wordvec::write_vectors(settings_.output, to_word_vectors(std::move(now_.model), settings_.options),
                           settings_.format);
    if (saved_ || settings_.resume) {
      std::error_code ignored;  // the vectors are there; a checkpoint that stays harms nothing
      std::filesystem::remove(settings_.checkpoint, ignored);
    }
    const std::uint64_t raw = progress.tokens_done - tokens_before_;
    console_.note(fmt::format("{}: {} vectors of dimension {}; {:.2f} M words/s, loss {:.4f}",
                              settings_.output, words, settings_.options.dimension,
                              static_cast<double>(raw) / seconds / 1e6, progress.loss));
    if (settings_.report.empty()) return;
    io::write_file(settings_.report,
                   fmt::format("{{\"raw_tokens\": {}, \"kept_tokens\": {}, \"vocabulary\": {}, "
                               "\"seconds_counting\": {:.3f}, \"seconds_training\": {:.3f}, "
                               "\"raw_tokens_per_second\": {:.0f}, \"loss\": {:.6f}, "
                               "\"peak_memory_bytes\": {}}}\n",
                               raw, progress.kept_done, words, counting, seconds,
                               static_cast<double>(raw) / seconds, progress.loss, peak_memory()));
  }

  const WordTrainSettings& settings_;
  Console& console_;
  wordvec::Corpus corpus_;
  StopRequest stop_;
  TrainCheckpoint now_;
  std::uint64_t tokens_before_ = 0;  // of the run that this one goes on with
  bool saved_ = false;
};

}  // namespace

int train_words(const WordTrainSettings& settings, Console& console) {
  return Training(settings, console).run();
}

}  // namespace berta::cli
