#include "wordvec/trainer.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <random>
#include <set>

#include "core/parallel.h"
#include "temporary_folder.h"
#include "wordvec/checkpoint.h"

namespace berta::wordvec {
namespace {

using io::read_all;
using testing::error_of;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

constexpr auto kGoOn = [](const TrainProgress&) { return true; };
constexpr std::size_t kBlock = 2048;  // many blocks of a small corpus

/// Lines of words of which a topic's come together: topic t has the words 10 t ... 10 t + 9.
std::string topics(int lines) {
  std::mt19937 random(1);
  std::string text;
  for (int i = 0; i < lines; ++i) {
    const unsigned topic = random() % 8;
    for (int k = 0; k < 12; ++k)
      text += "w" + std::to_string(10 * topic + random() % 10) + (k < 11 ? " " : "\n");
  }
  return text;
}

TrainOptions small_options() {
  TrainOptions options;
  options.dimension = 20;
  options.epochs = 3;
  options.downsample = 0;
  return options;
}

/// A training of `file`, made step by step.
struct OneTraining {
  OneTraining(const std::string& file, const TrainOptions& train_options)
      : options(train_options), corpus({file}, kBlock) {
    CorpusCount counted = count_words(corpus, {}, [](double) { return true; });
    now.tokens = counted.tokens;
    now.model = make_word_model(std::move(counted.vocabulary), options);
  }

  bool train(std::size_t threads, const std::function<bool(const TrainProgress&)>& go_on) {
    set_threads(static_cast<int>(threads));
    Trainer trainer({&corpus, &now.model, now.tokens, threads}, options, now.state);
    const bool ended = trainer.run(go_on);
    now.state = trainer.state();
    progress = trainer.progress();
    set_threads(0);
    return ended;
  }

  std::vector<float> values() const {
    std::vector<float> all;
    for (const Matrix* matrix : {&now.model.inputs, &now.model.outputs}) {
      for (std::size_t i = 0; i < matrix->rows(); ++i) {
        const auto row = matrix->vector(i);
        all.insert(all.end(), row.begin(), row.end());
      }
    }
    return all;
  }

  TrainOptions options;
  Corpus corpus;
  TrainCheckpoint now;
  TrainProgress progress;
};

double cosine(const WordVectors& vectors, const std::string& a, const std::string& b) {
  const auto x = *vectors.find(a);
  const auto y = *vectors.find(b);
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += static_cast<double>(x[i]) * static_cast<double>(y[i]);
    xx += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    yy += static_cast<double>(y[i]) * static_cast<double>(y[i]);
  }
  return xy / std::sqrt(xx * yy);
}

class TrainerOf : public ::testing::TestWithParam<TrainOptions> {};

TEST_P(TrainerOf, BringsWordsOfATopicTogether) {
  const TemporaryFolder folder;
  TrainOptions options = GetParam();
  options.dimension = 20;
  options.epochs = 10;
  options.downsample = 0;
  OneTraining run(folder.write("corpus", topics(3000)), options);
  double first_loss = 0;
  ASSERT_TRUE(run.train(1, [&](const TrainProgress& progress) {
    if (first_loss == 0) first_loss = progress.loss;
    return true;
  }));
  EXPECT_EQ(run.progress.tokens_done, 3000U * 12 * 10);
  EXPECT_EQ(run.progress.kept_done, run.progress.tokens_done);
  EXPECT_LT(run.progress.loss, 0.95 * first_loss);
  const WordVectors vectors = to_word_vectors(std::move(run.now.model), options);
  double same = 0;
  double other = 0;
  for (int topic = 0; topic < 8; ++topic) {
    const auto word = [](int number) { return "w" + std::to_string(number); };
    same += cosine(vectors, word(10 * topic + 1), word(10 * topic + 6)) / 8;
    other += cosine(vectors, word(10 * topic + 1), word((10 * topic + 16) % 80)) / 8;
  }
  EXPECT_GT(same, other + 0.4);
}

TrainOptions variant(Architecture model, CbowUpdate update, Loss loss, SubwordOptions subwords = {}) {
  TrainOptions options;
  options.model = model;
  options.cbow_update = update;
  options.loss = loss;
  options.subwords = subwords;
  return options;
}

INSTANTIATE_TEST_SUITE_P(
    Variants, TrainerOf,
    ::testing::Values(variant(Architecture::cbow, CbowUpdate::corrected, Loss::negative_sampling),
                      variant(Architecture::cbow, CbowUpdate::classic, Loss::negative_sampling),
                      variant(Architecture::skipgram, CbowUpdate::corrected, Loss::negative_sampling),
                      variant(Architecture::cbow, CbowUpdate::corrected, Loss::hierarchical_softmax),
                      variant(Architecture::skipgram, CbowUpdate::corrected, Loss::hierarchical_softmax),
                      variant(Architecture::cbow, CbowUpdate::classic, Loss::negative_sampling,
                              {3, 4, 500})));

// koan's streaming reader keeps the line end, so that the last word of each line is never trained.
TEST(Trainer, TrainsTheLastWordOfALine) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 200; ++i) text += "one two last\n";
  OneTraining run(folder.write("corpus", text), small_options());
  const auto last = *run.now.model.vocabulary.words.find("last");
  ASSERT_TRUE(run.train(1, kGoOn));
  EXPECT_EQ(run.now.model.vocabulary.size(), 3U);
  double output = 0;  // zero until it has been a positive or a negative
  for (const float value : run.now.model.outputs.vector(last)) output += std::abs(static_cast<double>(value));
  EXPECT_GT(output, 0.1);
  EXPECT_EQ(run.progress.kept_done, 200U * 3 * 3);
}

TEST(Trainer, OneThreadGivesTheSameBitsEachTime) {
  const TemporaryFolder folder;
  const std::string file = folder.write("corpus", topics(400));
  OneTraining first(file, small_options());
  OneTraining second(file, small_options());
  first.train(1, kGoOn);
  second.train(1, kGoOn);
  EXPECT_EQ(first.values(), second.values());
  TrainOptions other = small_options();
  other.seed = 2;
  OneTraining third(file, other);
  third.train(1, kGoOn);
  EXPECT_NE(first.values(), third.values());
}

TEST(Trainer, GoesOnToTheBitFromACheckpoint) {
  const TemporaryFolder folder;
  const std::string file = folder.write("corpus", topics(600));
  OneTraining whole(file, small_options());
  whole.train(1, kGoOn);
  for (const int stop : {0, 1, 7, 20, 33, 38}) {
    OneTraining part(file, small_options());
    int blocks = 0;
    ASSERT_FALSE(part.train(1, [&](const TrainProgress&) { return blocks++ < stop; })) << stop;
    write_checkpoint(folder.file("saved"), part.options, part.corpus.files(), part.now);
    OneTraining rest(file, small_options());
    rest.now = read_checkpoint(folder.file("saved"), rest.options, rest.corpus.files());
    ASSERT_TRUE(rest.train(1, kGoOn));
    EXPECT_EQ(rest.values(), whole.values()) << "stopped after " << stop << " blocks";
  }
}

TEST(Trainer, MayBeStoppedAndRunAgain) {
  const TemporaryFolder folder;
  const std::string file = folder.write("corpus", topics(600));
  OneTraining whole(file, small_options());
  whole.train(1, kGoOn);
  OneTraining parts(file, small_options());
  set_threads(1);
  Trainer trainer({&parts.corpus, &parts.now.model, parts.now.tokens, 1}, parts.options);
  int blocks = 0;
  while (!trainer.run([&](const TrainProgress&) { return ++blocks % 10 != 0; })) {
  }
  set_threads(0);
  EXPECT_EQ(parts.values(), whole.values());
}

TEST(Trainer, FallsToTheLeastRate) {
  const TemporaryFolder folder;
  TrainOptions options = small_options();
  options.min_rate = 0;  // ends at a step of exactly nothing
  OneTraining run(folder.write("corpus", topics(300)), options);
  double before = 1;
  run.train(1, [&](const TrainProgress& progress) {
    EXPECT_LE(progress.rate, before);
    before = progress.rate;
    return true;
  });
  EXPECT_EQ(run.progress.rate, 0);
  for (const float value : run.values()) ASSERT_TRUE(std::isfinite(value));
}

// koan's threads all draw the same numbers.
TEST(Trainer, WorkersBeginWithDifferentStreams) {
  const TemporaryFolder folder;
  OneTraining run(folder.write("corpus", topics(20)), small_options());
  const Trainer trainer({&run.corpus, &run.now.model, run.now.tokens, 8}, run.options);
  const auto& streams = trainer.state().streams;
  EXPECT_EQ(std::set<RandomStream::State>(streams.begin(), streams.end()).size(), 8U);
}

// Not under the thread sanitizer, and so without its names: Hogwild races on purpose.
TEST(Trainer, SeveralWorkersTrainTheSameModel) {
  const TemporaryFolder folder;
  for (const std::size_t workers : {2, 4}) {
    TrainOptions options = small_options();
    options.epochs = 10;
    OneTraining run(folder.write("corpus", topics(3000)), options);
    ASSERT_TRUE(run.train(workers, kGoOn));
    EXPECT_EQ(run.progress.tokens_done, 3000U * 12 * 10);
    EXPECT_EQ(run.progress.kept_done, run.progress.tokens_done);
    const WordVectors vectors = to_word_vectors(std::move(run.now.model), options);
    EXPECT_GT(cosine(vectors, "w1", "w6"), cosine(vectors, "w1", "w16") + 0.3);
  }
}

TEST(Trainer, AnErrorOfOneWorkerEndsAll) {
  const TemporaryFolder folder;
  OneTraining run(folder.write("corpus", topics(2000)), small_options());
  std::atomic<int> blocks = 0;
  EXPECT_THROW(run.train(3,
                         [&](const TrainProgress&) -> bool {
                           if (++blocks == 5) throw std::range_error("fifth");
                           return true;
                         }),
               std::range_error);
  set_threads(0);
}

TEST(Checkpoint, RefusesOtherOptionsAndDamage) {
  const TemporaryFolder folder;
  OneTraining run(folder.write("corpus", topics(50)), small_options());
  const auto& files = run.corpus.files();
  run.train(1, kGoOn);
  write_checkpoint(folder.file("saved"), run.options, files, run.now);
  const auto error = [&](const TrainOptions& options, const std::string& name) {
    return error_of([&] { read_checkpoint(folder.file(name), options, files); });
  };
  TrainOptions other = run.options;
  other.window = 7;
  EXPECT_THAT(error(other, "saved"), HasSubstr("saved: a training with window \"5\", not \"7\""));
  EXPECT_THAT(error_of([&] { read_checkpoint(folder.file("saved"), run.options, {"elsewhere"}); }),
              HasSubstr("files"));
  EXPECT_THAT(error(run.options, "none"), HasSubstr("none: cannot open"));
  const std::string bytes = read_all(folder.file("saved"));
  for (std::size_t length = 0; length < bytes.size(); length += 997) {
    folder.write("cut", bytes.substr(0, length));
    EXPECT_THAT(error(run.options, "cut"), HasSubstr("cut: ")) << length;
  }
  TrainCheckpoint broken{.model = make_word_model(run.now.model.vocabulary, run.options),
                         .state = run.now.state,
                         .tokens = run.now.tokens};
  broken.model.outputs = Matrix(3, run.options.dimension);
  write_checkpoint(folder.file("broken"), run.options, files, broken);
  EXPECT_THAT(error(run.options, "broken"), HasSubstr("do not go together"));
}

TEST(Checkpoint, AFullDiskLeavesTheLastOne) {
  const TemporaryFolder folder;
  OneTraining run(folder.write("corpus", topics(50)), small_options());
  run.train(1, [](const TrainProgress&) { return false; });
  write_checkpoint(folder.file("saved"), run.options, run.corpus.files(), run.now);
  const std::string before = read_all(folder.file("saved"));
  run.train(1, kGoOn);
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{before.size() / 2, old.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error =
      error_of([&] { write_checkpoint(folder.file("saved"), run.options, run.corpus.files(), run.now); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(error, HasSubstr("saved: cannot write: File too large"));
  EXPECT_EQ(read_all(folder.file("saved")), before);
  read_checkpoint(folder.file("saved"), run.options, run.corpus.files());
}

TEST(ContinueVocabulary, KeepsAddsOrReplacesWords) {
  WordVectors old;
  old.words.insert("house");
  old.words.insert("gone");
  old.vectors = Matrix(2, 3);
  old.vectors.row(0)[1] = 5;
  Vocabulary corpus;
  corpus.words.insert("new");
  corpus.words.insert("house");
  corpus.counts = {9, 4};
  const auto words_of = [&](ContinueVocabulary kind) {
    std::string all;
    const Vocabulary merged = merge_vocabulary(old, corpus, {.min_count = 5}, kind);
    for (std::size_t i = 0; i < merged.size(); ++i) {
      all += std::string(merged.words.word(i)) + " " + std::to_string(merged.counts[i]) + ",";
    }
    return all;
  };
  EXPECT_EQ(words_of(ContinueVocabulary::old_words), "house 4,gone 0,");
  EXPECT_EQ(words_of(ContinueVocabulary::new_words), "new 9,");
  EXPECT_EQ(words_of(ContinueVocabulary::united), "new 9,house 4,gone 0,");
  TrainOptions options;
  options.dimension = 3;
  WordModel model = make_word_model(merge_vocabulary(old, corpus, {}, ContinueVocabulary::united), options);
  check_begin(old, options);
  begin_from(model, old);
  EXPECT_EQ(model.inputs.row(1)[1], 5);
  EXPECT_LT(std::abs(model.inputs.row(0)[1]), 0.2F);
  options.dimension = 4;
  EXPECT_THAT(error_of([&] { check_begin(old, options); }), HasSubstr("dimension 4"));
  options.dimension = 3;
  options.subwords = {.shortest = 3, .longest = 4, .buckets = 9};
  EXPECT_THAT(error_of([&] { check_begin(old, options); }), HasSubstr("found none"));
  Vocabulary foreign;
  foreign.words.insert("x");
  foreign.counts = {1};
  EXPECT_THAT(error_of([&] { merge_vocabulary(old, foreign, {}, ContinueVocabulary::old_words); }),
              HasSubstr("none of the words"));
}

}  // namespace
}  // namespace berta::wordvec
