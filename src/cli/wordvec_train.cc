#include <array>
#include <charconv>
#include <filesystem>

#include "cli/common_options.h"
#include "cli/wordvec_commands.h"
#include "cli/wordvec_format.h"
#include "cli/wordvec_training.h"
#include "core/parallel.h"

namespace berta::cli {
namespace {

using wordvec::Architecture;
using wordvec::CbowUpdate;
using wordvec::ContinueVocabulary;
using wordvec::Loss;
using wordvec::SubwordOptions;
using wordvec::VectorFormat;

/// "3,6,200000".
SubwordOptions parse_subwords(const std::vector<std::string>& words) {
  std::array<std::uint64_t, 3> numbers{};
  bool good = words.size() == numbers.size();
  for (std::size_t i = 0; good && i < numbers.size(); ++i) {
    const char* const end = words[i].data() + words[i].size();
    const auto [stop, error] = std::from_chars(words[i].data(), end, numbers[i]);
    good = error == std::errc() && stop == end;
  }
  if (!good || numbers[0] < 1 || numbers[0] > numbers[1] || numbers[1] > 100 || numbers[2] < 1 ||
      numbers[2] > 100'000'000) {
    throw UsageError("--subwords: expected MINN,MAXN,BUCKETS with 1 <= MINN <= MAXN <= 100, as 3,6,200000");
  }
  return {.shortest = numbers[0], .longest = numbers[1], .buckets = static_cast<std::uint32_t>(numbers[2])};
}

class WordvecTrain final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "wordvec train",
        .summary = "word vectors of a text: CBOW or skip-gram",
        .operands = "[FILE...]",
        .details =
            "Reads FILEs and those of --input, plain or gzipped, a sequence of words a line: once to count, "
            "and\n"
            "once an epoch. Memory follows the vocabulary. --cbow-update corrected takes the gradient of "
            "CBOW's\n"
            "input vectors; classic leaves out its division by the number of context words, as word2vec.c,\n"
            "Gensim and fastText do. Ctrl-C saves a checkpoint, from which the same command with --resume "
            "goes\n"
            "on; with --threads 1 the result has the same bits as without the interruption.",
        .example = "  berta wordvec train --input reviews.txt.gz --output vectors.txt --threads 2",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    add_file_options(options);
    add_model_options(options);
    add_vocabulary_options(options);
    add_run_options(options);
    return options;
  }

  int run(const Arguments& arguments) override {
    if (!arguments.model.empty()) settings_.inputs.push_back(arguments.model);
    settings_.inputs.insert(settings_.inputs.end(), arguments.texts.begin(), arguments.texts.end());
    complete();
    set_threads(static_cast<int>(model_.threads));
    settings_.threads = static_cast<std::size_t>(threads());
    Console console(quiet_);
    return train_words(settings_, console);
  }

 private:
  void add_file_options(std::vector<Option>& options) {
    options.push_back(make_files({"--input", "FILE", "text; may be given several times"}, settings_.inputs));
    options.push_back(make_text({"--output", "FILE", "where the vectors go"}, settings_.output));
    options.push_back(make_vector_format_option(format_));
    options.push_back(make_text({"--report", "FILE", "counts, times and loss as JSON"}, settings_.report));
  }

  void add_model_options(std::vector<Option>& options) {
    wordvec::TrainOptions& o = settings_.options;
    options.push_back(make_choice<Architecture>(
        "--model", "a word is predicted by the mean of the words around it, or by each of them", o.model,
        {{"cbow", Architecture::cbow}, {"skipgram", Architecture::skipgram}}));
    options.push_back(
        make_choice<CbowUpdate>("--cbow-update", "step of the input vectors", o.cbow_update,
                                {{"corrected", CbowUpdate::corrected}, {"classic", CbowUpdate::classic}}));
    options.push_back(
        make_choice<Loss>("--loss", "negative sampling or hierarchical softmax", o.loss,
                          {{"ns", Loss::negative_sampling}, {"hs", Loss::hierarchical_softmax}}));
    options.push_back(make_integer({"--dim", "N", "dimension of the vectors"}, dimension_, {1, 1 << 16}));
    options.push_back(make_integer({"--window", "N", "words to each side, at most"}, window_, {1, 10000}));
    options.push_back(
        make_integer({"--negatives", "N", "words drawn against each positive one"}, negatives_, {1, 1000}));
    options.push_back(make_number({"--lr", "X",
                                   "learning rate at the beginning; 0: 0.15 for corrected CBOW, "
                                   "0.075 for classic, 0.05 for skip-gram (0.25 with --subwords)"},
                                  o.rate, 0, 100));
    options.push_back(make_number({"--min-lr", "X", "learning rate at the end"}, o.min_rate, 0, 100));
    options.push_back(
        make_integer({"--epochs", "N", "times that the text is read"}, epochs_, {1, 1'000'000}));
    options.push_back(make_number(
        {"--downsample", "T", "of a word with relative frequency p, sqrt(T/p) + T/p are kept; 0: all"},
        o.downsample, 0, 1));
    options.push_back(
        make_number({"--ns-exponent", "X", "negatives are drawn with count^X"}, o.ns_exponent, -10, 10));
    options.push_back(
        make_list({"--subwords", "MINN,MAXN,BUCKETS", "also vectors of n-grams of characters, as 3,6,200000"},
                  subwords_));
    options.push_back(make_integer({"--seed", "N", "of the random numbers"}, seed_));
  }

  void add_vocabulary_options(std::vector<Option>& options) {
    options.push_back(make_integer({"--min-count", "N", "rarer words are left out"}, min_count_));
    options.push_back(
        make_integer({"--max-vocab", "N", "most frequent words that are kept; 0: all"}, max_words_));
    options.push_back(make_text(
        {"--vocab-from", "FILE", "vocabulary of this file, lines \"word count\", instead of the text's"},
        settings_.vocabulary));
    options.push_back(make_text({"--save-vocab", "FILE", "write the vocabulary, lines \"word count\""},
                                settings_.save_vocabulary));
    options.push_back(make_text({"--pretrained", "FILE", "vectors to begin with"}, settings_.pretrained));
    options.push_back(make_choice<ContinueVocabulary>(
        "--continue-vocab", "with --pretrained: words of both, of its vectors, or of the text",
        settings_.continue_vocabulary,
        {{"union", ContinueVocabulary::united},
         {"old", ContinueVocabulary::old_words},
         {"new", ContinueVocabulary::new_words}}));
  }

  void add_run_options(std::vector<Option>& options) {
    options.push_back(make_switch({"--resume", "", "go on from the checkpoint"}, settings_.resume));
    options.push_back(
        make_text({"--checkpoint", "FILE", "where it lies; else the output's name with .checkpoint"},
                  settings_.checkpoint));
    options.push_back(
        make_number({"--checkpoint-minutes", "X", "between two checkpoints; 0: only when stopped"},
                    settings_.checkpoint_minutes, 0, 1e6));
    add_thread_option(options, model_);
    options.push_back(make_switch({"--quiet", "", "no progress, no report"}, quiet_));
  }

  /// Settings from what the options gave. Throws UsageError.
  void complete() {
    if (settings_.inputs.empty()) throw UsageError("expected --input FILE");
    if (settings_.output.empty()) throw UsageError("expected --output FILE");
    wordvec::TrainOptions& o = settings_.options;
    o.dimension = static_cast<std::size_t>(dimension_);
    o.window = static_cast<std::uint32_t>(window_);
    o.negatives = static_cast<std::uint32_t>(negatives_);
    o.epochs = static_cast<std::uint32_t>(epochs_);
    o.seed = static_cast<std::uint64_t>(seed_);
    if (!subwords_.empty()) o.subwords = parse_subwords(subwords_);
    settings_.limits = {.min_count = static_cast<std::uint64_t>(min_count_),
                        .max_size = static_cast<std::size_t>(max_words_)};
    if (settings_.checkpoint.empty()) settings_.checkpoint = settings_.output + ".checkpoint";
    settings_.format = format_.value_or(wordvec::format_of(settings_.output));
    const std::filesystem::path folder = std::filesystem::path(settings_.output).parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder)) {
      throw UsageError("--output: no folder " + folder.string());
    }
  }

  WordTrainSettings settings_;
  ModelSettings model_;
  std::optional<VectorFormat> format_;
  std::vector<std::string> subwords_;
  std::int64_t dimension_ = 100;
  std::int64_t window_ = 5;
  std::int64_t negatives_ = 5;
  std::int64_t epochs_ = 5;
  std::int64_t seed_ = 1;
  std::int64_t min_count_ = 5;
  std::int64_t max_words_ = 0;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_wordvec_train() {
  return std::make_unique<WordvecTrain>();
}

}  // namespace berta::cli
