#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include "program.h"

namespace berta::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

/// A port that nobody had a moment ago.
int free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

/// Processes that train together.
std::vector<std::unique_ptr<Program>> start(int count, const Words& words) {
  const std::string port = std::to_string(free_port());
  std::vector<std::unique_ptr<Program>> programs;
  for (int rank = 0; rank < count; ++rank) {
    Words all = {"RANK=" + std::to_string(rank), "WORLD_SIZE=" + std::to_string(count),
                 "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + port};
    all.insert(all.end(), words.begin(), words.end());
    programs.push_back(std::make_unique<Program>(all));
  }
  return programs;
}

void run_together(int count, const Words& words) {
  auto programs = start(count, words);
  std::vector<std::thread> threads;  // a pipe that nobody reads would stop one of them
  std::vector<Finished> finished(programs.size());
  for (std::size_t i = 0; i < programs.size(); ++i)
    threads.emplace_back([&, i] { finished[i] = programs[i]->finish(); });
  for (std::thread& thread : threads) thread.join();
  for (const Finished& one : finished) EXPECT_EQ(one.status, 0) << one.err;
  for (std::size_t i = 1; i < finished.size(); ++i) EXPECT_EQ(finished[i].out + finished[i].err, "");
}

std::vector<double> losses(const std::string& output) {
  std::vector<double> numbers;
  const std::string key = "\"train/loss\":";
  for (const std::string& line : lines_of(read_text(output + "/metrics.jsonl"))) {
    const std::size_t at = line.find(key);
    if (at != std::string::npos) numbers.push_back(std::stod(line.substr(at + key.size())));
  }
  return numbers;
}

double worst_difference(const std::vector<double>& one, const std::vector<double>& other) {
  EXPECT_EQ(one.size(), other.size());
  double worst = 0;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i)
    worst = std::max(worst, std::abs(one[i] - other[i]));
  return worst;
}

class Workers : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(std::filesystem::path(BERTA_COMMAND).parent_path() / "libberta_train.so"))
      GTEST_SKIP() << "built without libtorch";
    // One that nobody answers says so, unless it was built for itself alone.
    static const bool alone =
        run({"RANK=1", "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=1", "finetune", "/nowhere",
             "--train", "/nowhere", "--output", "/nowhere", "--worker-timeout", "1"})
            .err.find("libgloo-dev") != std::string::npos;
    if (alone) GTEST_SKIP() << "built without the headers of gloo";
  }

  std::string path(const std::string& name) const { return folder_.path(name); }

  Words pretraining(const std::string& output, const Words& more) {
    if (!std::filesystem::exists(path("corpus"))) prepare_corpus();
    Words words = {"pretrain",
                   "--corpus",
                   path("corpus"),
                   "--tokenizer",
                   models("sentiment"),
                   "--config",
                   path("config.json"),
                   "--output",
                   path(output),
                   "--max-length",
                   "14",
                   "--batch-size",
                   "6",
                   "--max-steps",
                   "50",
                   "--dropout",
                   "0",
                   "--log-every",
                   "1",
                   "--learning-rate",
                   "1e-3",
                   "--threads",
                   "1",
                   "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  Words finetuning(const std::string& output, const Words& more = {}) {
    std::string text;
    for (int i = 0; i < 203; ++i) {
      text += std::to_string(i % 2) + "\tfilm " + std::to_string(i) +
              (i % 2 == 1 ? " is a joy from start to end\n" : " is dull and far too long\n");
    }
    write_text(path("reviews.tsv"), text);
    Words words = {"finetune",
                   models("sentiment"),
                   "--train",
                   path("reviews.tsv"),
                   "--text-column",
                   "2",
                   "--label-column",
                   "1",
                   "--dev-share",
                   "0.1",
                   "--batch-size",
                   "7",
                   "--max-steps",
                   "50",
                   "--dropout",
                   "0",
                   "--classifier-dropout",
                   "0",
                   "--log-every",
                   "1",
                   "--threads",
                   "1",
                   "--output",
                   path(output),
                   "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  /// Both trainings are the same to a hundred thousandth.
  void expect_equal(const Words& one, const Words& two, int count) {
    const Finished finished = run(one);
    EXPECT_EQ(finished.status, 0) << finished.err;
    run_together(count, two);
    EXPECT_EQ(losses(path("one")).size(), 50u);
    EXPECT_LT(worst_difference(losses(path("one")), losses(path("two"))), 1e-5);
  }

  /// Sends the signal to one of three once they train, and gives what the others said.
  std::vector<std::string> lose(std::size_t victim, int signal) {
    auto programs = start(3, finetuning("lost", {"--max-steps", "1000000", "--evaluate-steps", "1000000",
                                                 "--worker-timeout", "4"}));
    for (int i = 0; i < 6000 && losses_so_far("lost") < 5; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    programs[victim]->send_signal(signal);
    const auto before = std::chrono::steady_clock::now();
    std::vector<std::string> said;
    for (std::size_t i = 0; i < programs.size(); ++i) {
      if (i == victim) continue;
      const Finished finished = programs[i]->finish();
      EXPECT_EQ(finished.status, 1);
      said.push_back(finished.err);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(60));
    return said;
  }

 private:
  std::size_t losses_so_far(const std::string& output) const {
    return std::filesystem::exists(path(output + "/metrics.jsonl")) ? losses(path(output)).size() : 0;
  }

  void prepare_corpus() {
    std::string text;
    for (int i = 0; i < 60; ++i) {
      text += "line " + std::to_string(i);
      for (int k = 0; k < i * 7 % 20; ++k) text += k % 3 == 0 ? " wonderful" : " film";
      text += ".\n";
    }
    write_text(path("text.txt"), text);
    write_text(path("config.json"),
               R"({"model_type": "deberta-v2", "hidden_size": 8, "num_hidden_layers": 3,
  "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 16, "initializer_range": 0.2,
  "relative_attention": true, "pos_att_type": "c2p|p2c", "position_buckets": 6, "norm_rel_ebd": "layer_norm",
  "share_att_key": true, "position_biased_input": false, "type_vocab_size": 0})");
    const Finished finished = run({"corpus", "prepare", "--input", path("text.txt"), "--tokenizer",
                                   models("sentiment"), "--output", path("corpus"), "--held-out", "0.2"});
    ASSERT_EQ(finished.status, 0) << finished.err;
  }

  TemporaryFolder folder_;
};

TEST_F(Workers, TwoPretrainAMaskedModelAsOne) {
  const Words more = {"--objective", "mlm", "--optimizer", "xadam"};
  expect_equal(pretraining("one", more), pretraining("two", more), 2);
}

TEST_F(Workers, TwoPretrainWithReplacedTokensAsOne) {
  const Words more = {"--objective", "rtd", "--accumulation", "2", "--evaluate-steps", "20"};
  expect_equal(pretraining("one", more), pretraining("two", more), 2);
}

TEST_F(Workers, TwoFineTuneAsOne) {
  expect_equal(finetuning("one"), finetuning("two"), 2);
}

TEST_F(Workers, MoreOfThemThanExamples) {
  const Words more = {"--batch-size", "2", "--gradient-checkpointing", "--ema-decay", "0.9"};
  expect_equal(finetuning("one", more), finetuning("two", more), 3);
}

TEST_F(Workers, AnotherNumberGoesOn) {
  EXPECT_EQ(run(finetuning("one")).status, 0);
  {
    auto programs = start(2, finetuning("two", {"--checkpoint-steps", "5"}));
    for (int i = 0; i < 6000 && !std::filesystem::exists(path("two/checkpoint/checkpoint.json")); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    programs[1]->send_signal(SIGTERM);  // both stop at the same step
    const Finished first = programs[0]->finish(), second = programs[1]->finish();
    EXPECT_EQ(first.status, 128 + SIGTERM) << first.err;
    EXPECT_EQ(second.status, 128 + SIGTERM) << second.err;
  }
  run_together(3, finetuning("two", {"--resume"}));
  EXPECT_EQ(losses(path("one")).size(), 50u);
  EXPECT_LT(worst_difference(losses(path("one")), losses(path("two"))), 1e-3);
}

TEST_F(Workers, AKilledOneIsNamed) {
  for (const std::string& said : lose(1, SIGKILL)) EXPECT_THAT(said, HasSubstr("worker 1 of 3 ("));
}

TEST_F(Workers, AStoppedOneIsNamed) {
  for (const std::string& said : lose(1, SIGSTOP))
    EXPECT_THAT(said, AllOf(HasSubstr("worker 1 of 3 ("), HasSubstr("no sign of life")));
}

TEST_F(Workers, TheKeeperOfTheStoreIsNamed) {
  for (const std::string& said : lose(0, SIGSTOP)) EXPECT_THAT(said, HasSubstr("worker 0 of 3 ("));
}

TEST_F(Workers, TheErrorOfOneReachesTheOthers) {
  auto programs = start(2, finetuning("two", {"--train", path("nowhere.tsv")}));
  for (auto& program : programs) EXPECT_THAT(program->finish().err, HasSubstr("nowhere.tsv"));
}

TEST_F(Workers, AnEnvironmentThatCanNotBe) {
  const auto said = [&](Words variables) {
    const Words words = finetuning("out", {"--worker-timeout", "2"});
    variables.insert(variables.end(), words.begin(), words.end());
    const Finished finished = run(variables);
    EXPECT_EQ(finished.status, 1);
    return finished.err;
  };
  EXPECT_THAT(said({"WORLD_SIZE=2", "RANK=0"}), HasSubstr("expected MASTER_ADDR"));
  EXPECT_THAT(said({"WORLD_SIZE=2", "RANK=abc", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=1"}),
              HasSubstr("RANK: expected a number from 0 to 1, found 'abc'"));
  EXPECT_THAT(said({"WORLD_SIZE=2", "RANK=2", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=1"}),
              HasSubstr("found '2'"));
  EXPECT_THAT(said({"WORLD_SIZE=x"}), HasSubstr("WORLD_SIZE: expected a number"));
  EXPECT_THAT(
      said({"WORLD_SIZE=2", "RANK=0", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + std::to_string(free_port())}),
      HasSubstr("worker 1 did not come within"));
}

}  // namespace
}  // namespace berta::test
