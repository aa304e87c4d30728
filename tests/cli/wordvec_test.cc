#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "program.h"

namespace berta::test {
namespace {

/// Lines of words of which those of a topic come together.
std::string corpus(int lines) {
  std::mt19937 random(2);
  std::string text;
  for (int i = 0; i < lines; ++i) {
    const auto topic = random() % 20;
    for (int k = 0; k < 15; ++k)
      text += "t" + std::to_string(topic) + "w" + std::to_string(random() % 12) + " ";
    text += "end\n";
  }
  return text;
}

std::vector<std::string> train(const TemporaryFolder& folder, const std::string& output,
                               std::vector<std::string> more = {}) {
  std::vector<std::string> words = {
      "wordvec", "train",     "--input", folder.path("corpus.txt"), "--output", folder.path(output), "--dim",
      "16",      "--threads", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Wordvec, TrainsAndExportsTheSameVectorsInAllFormats) {
  const TemporaryFolder folder;
  write_text(folder.path("corpus.txt"), corpus(200));
  const Finished made = run(train(folder, "v.txt",
                                  {"--min-count", "1", "--report", folder.path("report.json"), "--save-vocab",
                                   folder.path("vocabulary.txt")}));
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.out, "");
  EXPECT_EQ(lines_of(made.err).size(), 2u) << made.err;
  const std::string text = read_text(folder.path("v.txt"));
  EXPECT_TRUE(text.starts_with("241 16\nend ")) << text.substr(0, 40);
  EXPECT_TRUE(read_text(folder.path("vocabulary.txt")).starts_with("end 200\n"));
  EXPECT_NE(read_text(folder.path("report.json")).find("\"raw_tokens\": 16000, "), std::string::npos);
  std::string before = folder.path("v.txt");
  for (const std::string name : {"v.bin", "v.safetensors", "again.txt"}) {
    ASSERT_EQ(run({"wordvec", "export", before, "--output", folder.path(name)}).status, 0) << name;
    before = folder.path(name);
  }
  EXPECT_EQ(read_text(folder.path("again.txt")), text);
  ASSERT_EQ(run({"wordvec", "export", before, "--output", folder.path("two"), "--format", "text-no-header",
                 "--most-frequent", "2"})
                .status,
            0);
  EXPECT_EQ(lines_of(read_text(folder.path("two"))).size(), 2u);
}

/// A slow machine still counts words when the signal comes, and has nothing to save: then it gets more time.
Finished stopped_while_training(const std::vector<std::string>& words, int signal) {
  for (std::chrono::milliseconds wait(150);; wait *= 2) {
    Program program(words);
    std::this_thread::sleep_for(wait);
    program.send_signal(signal);
    Finished end = program.finish();
    if (end.status == 0 || end.err.find("--resume") != std::string::npos || wait > std::chrono::seconds(5))
      return end;
  }
}

TEST(Wordvec, ASignalSavesAndResumeGivesTheSameBits) {
  const TemporaryFolder folder;
  write_text(folder.path("corpus.txt"), corpus(20000));
  const std::vector<std::string> more = {"--epochs", "8", "--dim", "64"};
  ASSERT_EQ(run(train(folder, "whole.txt", more)).status, 0);
  int stopped = 0;
  for (const int signal : {SIGINT, SIGTERM}) {
    auto words = train(folder, "parts.txt", more);
    const Finished end = stopped_while_training(words, signal);
    if (end.status == 0) continue;  // it was faster
    ++stopped;
    EXPECT_EQ(end.status, 128 + signal) << end.err;
    EXPECT_NE(end.err.find("--resume"), std::string::npos) << end.err;
    EXPECT_FALSE(std::filesystem::exists(folder.path("parts.txt")));
    words.push_back("--resume");
    const Finished rest = run(words);
    ASSERT_EQ(rest.status, 0) << rest.err;
    EXPECT_EQ(read_text(folder.path("parts.txt")), read_text(folder.path("whole.txt")));
    EXPECT_FALSE(std::filesystem::exists(folder.path("parts.txt.checkpoint")));
    std::filesystem::remove(folder.path("parts.txt"));
  }
  EXPECT_GT(stopped, 0);
  const Finished none = run(train(folder, "parts.txt", {"--resume"}));
  EXPECT_EQ(none.status, 1);
  EXPECT_NE(none.err.find("parts.txt.checkpoint: cannot open"), std::string::npos) << none.err;
}

TEST(Wordvec, GoesOnFromVectors) {
  const TemporaryFolder folder;
  write_text(folder.path("corpus.txt"), corpus(100));
  write_text(
      folder.path("old.txt"),
      "2 16\nend 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\ngone 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  const Finished made = run(train(folder, "v.txt", {"--pretrained", folder.path("old.txt"), "--lr", "1e-9"}));
  ASSERT_EQ(made.status, 0) << made.err;
  const std::string text = read_text(folder.path("v.txt"));
  EXPECT_NE(text.find("\ngone 1 2 3"), std::string::npos);
  ASSERT_EQ(
      run(train(folder, "v.txt", {"--pretrained", folder.path("old.txt"), "--continue-vocab", "old"})).status,
      0);
  EXPECT_EQ(lines_of(read_text(folder.path("v.txt"))).size(), 3u);
}

TEST(Wordvec, SaysInOneLineWhatIsWrong) {
  const TemporaryFolder folder;
  write_text(folder.path("corpus.txt"), corpus(20));
  write_text(folder.path("empty"), "");
  const auto expect = [&](const std::vector<std::string>& words, int status, const std::string& part) {
    const Finished end = run(words);
    EXPECT_EQ(end.status, status) << end.err;
    EXPECT_EQ(lines_of(end.err).size(), 1u) << end.err;
    EXPECT_NE(end.err.find(part), std::string::npos) << end.err;
  };
  expect({"wordvec"}, 2, "berta wordvec --help");
  expect({"wordvec", "tarin"}, 2, "did you mean wordvec train?");
  expect({"wordvec", "train", "--output", "x"}, 2, "expected --input FILE");
  expect({"wordvec", "train", folder.path("corpus.txt")}, 2, "expected --output FILE");
  expect(train(folder, "no/such/folder/v.txt"), 2, "no folder");
  expect(train(folder, "v", {"--subwords", "5,3,100"}), 2, "MINN,MAXN,BUCKETS");
  expect(train(folder, "v", {"--vocab-from", folder.path("corpus.txt")}), 1, "corpus.txt: line 1");
  expect({"wordvec", "train", folder.path("none"), "--output", folder.path("v")}, 1, "none: cannot open");
  expect({"wordvec", "train", folder.path("empty"), "--output", folder.path("v")}, 1, "found none");
  expect({"wordvec", "export", folder.path("empty"), "--output", folder.path("v")}, 1, "empty file");
  EXPECT_EQ(run({"wordvec", "--help"}).status, 0);
  EXPECT_EQ(run({"help", "wordvec", "train"}).status, 0);
}

// koan takes 734 MB for a file of 600 lines.
TEST(Wordvec, ASmallFileTakesLittleMemory) {
  const TemporaryFolder folder;
  write_text(folder.path("corpus.txt"), corpus(600));
  const Finished made = run(train(folder, "v.txt", {"--report", folder.path("report.json")}));
  ASSERT_EQ(made.status, 0) << made.err;
#if !defined(__SANITIZE_ADDRESS__)
  const std::string report = read_text(folder.path("report.json"));
  const std::size_t at = report.find("\"peak_memory_bytes\": ");
  ASSERT_NE(at, std::string::npos) << report;
  EXPECT_LT(std::stoll(report.substr(at + 21)), 100 << 20);
#endif
}

}  // namespace
}  // namespace berta::test
