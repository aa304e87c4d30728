#include <gmock/gmock.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "program.h"

namespace berta::test {
namespace {

using ::testing::HasSubstr;

std::string texts(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "The film number " + std::to_string(i) + " was wonderful, said the critic; it's long.\n";
  }
  return text;
}

std::vector<std::string> prepare(const TemporaryFolder& folder, const std::string& input,
                                 std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"corpus",      "prepare",           "--input",  folder.path(input),
                                    "--tokenizer", models("sentiment"), "--output", folder.path("corpus")};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::size_t files_in(const std::string& folder) {
  std::error_code none;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry(folder, none), end; !none && entry != end;
       entry.increment(none)) {
    ++count;
  }
  return count;
}

TEST(Corpus, PreparesAndChecks) {
  const TemporaryFolder folder;
  write_text(folder.path("in.txt"), texts(500) + "\n");
  const Finished made = run(prepare(folder, "in.txt", {"--held-out", "0.1", "--shard-tokens", "2000"}));
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.out, "");
  EXPECT_EQ(lines_of(made.err).size(), 1u) << made.err;
  const Finished checked = run({"corpus", "check", folder.path("corpus")});
  ASSERT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("\"vocabulary_size\": 8001}, \"dtype\": \"u16\", \"lines\": 501"));
  // The ids are those of berta tokenize.
  const Finished all = run(prepare(folder, "in.txt", {"--quiet", "--output", folder.path("all")}));
  EXPECT_EQ(all.err, "");
  const Finished tokens = run({"tokenize", models("sentiment"), "--no-special"}, texts(500));
  std::string expected;
  for (const std::string& line : lines_of(tokens.out)) {
    const std::size_t begin = line.find('[') + 1;
    expected += line.substr(begin, line.find(']') - begin) + ", ";
  }
  const std::string bytes = read_text(folder.path("all/train-00000.tokens"));
  std::string found;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    found += std::to_string(static_cast<unsigned char>(bytes[i]) +
                            256 * static_cast<unsigned char>(bytes[i + 1])) +
             ", ";
  }
  EXPECT_EQ(found, expected);
}

TEST(Corpus, SaysInOneLineWhatIsWrong) {
  const TemporaryFolder folder;
  write_text(folder.path("in.txt"), texts(20));
  write_text(folder.path("empty"), "");
  write_text(folder.path("bad.jsonl"), "{\"text\": \"a\"}\n{\"text\": 1}\n");
  const auto expect = [&](const std::vector<std::string>& words, int status, const std::string& part) {
    const Finished end = run(words);
    EXPECT_EQ(end.status, status) << end.err;
    EXPECT_EQ(lines_of(end.err).size(), 1u) << end.err;
    EXPECT_THAT(end.err, HasSubstr(part));
  };
  expect({"corpus", "prepare"}, 2, "expected --input FILE");
  expect({"corpus", "prepare", folder.path("in.txt")}, 2, "expected --output FOLDER");
  expect({"corpus", "prepare", folder.path("in.txt"), "--output", "x"}, 2, "expected --tokenizer FOLDER");
  expect(prepare(folder, "in.txt", {"--tokenizer", folder.path("none")}), 1, "expected a tokenizer");
  expect(prepare(folder, "in.txt", {"--held-out", "2"}), 2, "--held-out: expected 0 to 1");
  expect(prepare(folder, "none"), 1, "none: cannot open");
  expect(prepare(folder, "empty"), 1, "empty: expected text, found no token");
  expect(prepare(folder, "bad.jsonl"), 1, "bad.jsonl: line 2: key 'text': expected a string");
  expect(prepare(folder, "in.txt", {"--output", folder.path("")}), 1, "expected a new or an empty folder");
  expect({"corpus", "check", folder.path("")}, 1, "corpus.json: cannot open");
  ASSERT_EQ(run(prepare(folder, "in.txt")).status, 0);
  expect(prepare(folder, "in.txt"), 1, "expected a new or an empty folder, found ");
  const std::string shard = folder.path("corpus/train-00000.tokens");
  std::filesystem::resize_file(shard, std::filesystem::file_size(shard) - 2);
  expect({"corpus", "check", folder.path("corpus")}, 1, "train-00000.tokens: expected ");
}

TEST(Corpus, CtrlCLeavesNothing) {
  const TemporaryFolder folder;
  write_text(folder.path("in.txt"), texts(400000));
  int stopped = 0;
  for (const int number : {SIGINT, SIGTERM}) {
    Program program(prepare(folder, "in.txt", {"--shard-tokens", "100000", "--threads", "1"}));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    program.send_signal(number);
    const Finished end = program.finish();
    if (end.status == 0) {  // it was faster
      std::filesystem::remove_all(folder.path("corpus"));
      continue;
    }
    ++stopped;
    EXPECT_EQ(end.status, 128 + number) << end.err;
    EXPECT_EQ(files_in(folder.path("corpus")), 0u);
  }
  EXPECT_GT(stopped, 0);
  EXPECT_EQ(run({"corpus", "check", folder.path("corpus")}).status, 1);
}

TEST(Corpus, AFullDiskLeavesNothing) {
  const TemporaryFolder folder;
  write_text(folder.path("in.txt"), texts(20000));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 100000, .rlim_max = before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);  // the command inherits both
  setrlimit(RLIMIT_FSIZE, &small);
  const Finished end = run(prepare(folder, "in.txt"));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(end.status, 1);
  EXPECT_THAT(end.err, HasSubstr("train-00000.tokens: cannot write: File too large"));
  EXPECT_EQ(files_in(folder.path("corpus")), 0u);
}

TEST(TokenizerTrain, MakesAFolderThatBertaReads) {
  const TemporaryFolder folder;
  write_text(folder.path("in.txt"), texts(300));
  const auto train = [&](const std::string& output, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "tokenizer", "train", folder.path("in.txt"), "--output", folder.path(output), "--vocab-size", "330"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const Finished made = train("one", {"--max-sentences", "200", "--seed", "3"});
  if (made.status == 1 && made.err.find("install libsentencepiece-dev") != std::string::npos) {
    GTEST_SKIP() << made.err;
  }
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(lines_of(made.err).size(), 1u) << made.err;
  EXPECT_EQ(read_text(folder.path("one/added_tokens.json")), "{\"[MASK]\": 330}\n");
  const Finished tokens = run({"tokenize", folder.path("one"), "The film [MASK]"});
  EXPECT_THAT(tokens.out, HasSubstr("\"input_ids\": [1, "));
  EXPECT_THAT(tokens.out, HasSubstr(", 330, 2]"));
  ASSERT_EQ(train("two", {"--max-sentences", "200", "--seed", "3", "--quiet"}).err, "");
  EXPECT_EQ(read_text(folder.path("two/spm.model")), read_text(folder.path("one/spm.model")));
  EXPECT_EQ(run(prepare(folder, "in.txt", {"--tokenizer", folder.path("one")})).status, 0);
  const Finished large = train("three", {"--vocab-size", "9000"});
  EXPECT_EQ(large.status, 1);
  EXPECT_EQ(lines_of(large.err).size(), 1u) << large.err;
  EXPECT_THAT(large.err, HasSubstr("training the tokenizer: Vocabulary size too high (9000)."));
  EXPECT_THAT(train("three", {"--vocab-size", "100"}).err,
              HasSubstr("expected 261 to 4194304 pieces, found 100"));
  write_text(folder.path("in.txt"), "\n \n");
  EXPECT_THAT(train("three").err, HasSubstr("in.txt: expected text, found none"));
  write_text(folder.path("in.txt"), "fine\ncaf\xe9\n");
  EXPECT_THAT(train("three").err, HasSubstr("in.txt: line 2: invalid UTF-8 at byte 4"));
}

}  // namespace
}  // namespace berta::test
