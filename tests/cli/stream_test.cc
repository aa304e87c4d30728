#include <gtest/gtest.h>
#include <signal.h>

#include "program.h"

namespace berta::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string sentiment() {
  return models("sentiment");
}

TEST(Stream, APipeIsAnsweredLineByLine) {
  Program program({"classify", sentiment()});
  for (const std::string text : {"A charming film.", "A dull mess.", "{not json"}) {
    program.write(text + "\n");
    EXPECT_NE(program.read_line(seconds(20)), "") << text;
  }
  const Finished finished = program.finish();
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "");
}

TEST(Stream, ResultsComeInTheOrderOfTheLines) {
  std::string input;
  for (int i = 0; i < 3000; ++i) {
    input += "{\"id\": " + std::to_string(i) + ", \"text\": \"" +
             std::string(static_cast<std::size_t>(i % 7) * 20, 'a') + "\"}\n";
  }
  const Finished finished = run({"tokenize", sentiment()}, input);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const auto lines = lines_of(finished.out);
  ASSERT_EQ(lines.size(), 3000u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_TRUE(lines[i].starts_with("{\"id\": " + std::to_string(i) + ", ")) << lines[i];
  }
}

TEST(Stream, ABadLineStopsAndLosesNothingBeforeIt) {
  const Finished finished = run({"tokenize", sentiment()}, "one\ntwo\nbad \xff line\nfour\n");
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(lines_of(finished.out).size(), 2u);
  EXPECT_EQ(finished.err, "berta: error: standard input: line 3: invalid UTF-8 at byte 5\n");
}

TEST(Stream, SkippedLinesAreCounted) {
  const std::string input =
      "{\"text\": \"one\"}\n{\"text\": 2}\n{\"txt\": \"three\"}\n{broken\n\n{\"text\": \"six\"}\n";
  const Finished finished = run({"classify", sentiment(), "--on-error", "skip"}, input);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(lines_of(finished.out).size(), 2u);
  const auto messages = lines_of(finished.err);
  ASSERT_EQ(messages.size(), 4u) << finished.err;
  EXPECT_NE(messages[0].find("line 2: key 'text'"), std::string::npos);
  EXPECT_NE(messages[1].find("line 3: expected a key 'text'"), std::string::npos);
  EXPECT_NE(messages[2].find("line 4: invalid JSON"), std::string::npos);
  EXPECT_EQ(messages[3], "berta: skipped 3 of 5 lines");
}

TEST(Stream, CtrlCEndsAtOnceWithWholeLines) {
  for (const int number : {SIGINT, SIGTERM}) {
    Program program({"tokenize", sentiment()});
    for (int i = 0; i < 50; ++i) program.write("the same text again and again\n");
    const std::string first = program.read_line(seconds(20));
    ASSERT_NE(first, "");
    program.send_signal(number);
    const auto start = std::chrono::steady_clock::now();
    const Finished finished = program.finish();
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5));
    EXPECT_EQ(finished.status, 128 + number);
    EXPECT_TRUE(finished.out.empty() || finished.out.back() == '\n');
    for (const std::string& line : lines_of(finished.out)) EXPECT_EQ(line + "\n", first);
  }
}

TEST(Stream, CtrlCWhileItWaitsForInput) {
  Program program({"classify", sentiment()});
  program.write("A fine film.\n");
  ASSERT_NE(program.read_line(seconds(20)), "");
  program.send_signal(SIGINT);
  EXPECT_EQ(program.finish().status, 130);
}

TEST(Stream, AFullDiskIsAnError) {
  Program program({"tokenize", sentiment(), "text"}, "/dev/full");
  const Finished finished = program.finish();
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.err, "berta: error: standard output: cannot write: No space left on device\n");
  EXPECT_EQ(run({"tokenize", sentiment(), "text", "--output", "/dev/full"}).status, 1);
}

TEST(Stream, AReaderThatGoesEndsItQuietly) {
  Program program({"tokenize", sentiment()});
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "a line of text\n";
  program.write("first\n");
  ASSERT_NE(program.read_line(seconds(20)), "");
  program.close_output();
  const Finished finished = program.finish(many);
  EXPECT_EQ(finished.status, 128 + SIGPIPE);
  EXPECT_EQ(finished.err, "");
}

TEST(Stream, EmptyInputAndEmptyTexts) {
  EXPECT_EQ(run({"classify", sentiment()}, "").out, "");
  EXPECT_EQ(run({"classify", sentiment()}, "").status, 0);
  const Finished empty = run({"classify", sentiment()}, "\n");
  EXPECT_EQ(empty.status, 0) << empty.err;
  EXPECT_EQ(lines_of(empty.out).size(), 1u);
  EXPECT_EQ(run({"classify", sentiment(), ""}).out, empty.out);
}

TEST(Stream, BlankLinesAtTheStart) {
  const std::string one = run({"tokenize", sentiment(), "one"}).out;
  const std::string empty = run({"tokenize", sentiment(), ""}).out;
  EXPECT_EQ(run({"tokenize", sentiment()}, "\n\none\n\n").out, empty + empty + one + empty);
  EXPECT_EQ(run({"tokenize", sentiment()}, "\n \n{\"text\": \"one\"}\n\n").out, one);
  EXPECT_EQ(run({"tokenize", sentiment()}, "\n\n").out, empty + empty);
  EXPECT_EQ(run({"tokenize", sentiment()}, "\n\xff\n").out, empty);
}

TEST(Stream, LineEndsAndByteOrderMark) {
  const std::string plain = run({"tokenize", sentiment()}, "one\ntwo\n").out;
  EXPECT_EQ(run({"tokenize", sentiment()}, "one\r\ntwo\r\n").out, plain);
  EXPECT_EQ(run({"tokenize", sentiment()}, "\xef\xbb\xbfone\ntwo").out, plain);
  EXPECT_EQ(run({"tokenize", sentiment()}, "\xef\xbb\xbf{\"text\": \"one\"}\n{\"text\": \"two\"}").out,
            plain);
}

TEST(Stream, AVeryLongLine) {
  std::string text;
  while (text.size() < 10'000'000) text += "a long and winding text ";
  const Finished finished =
      run({"classify", sentiment(), "--max-length", "128"}, text + "\nshort\n" + text + "\n");
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(lines_of(finished.out).size(), 3u);
  EXPECT_EQ(lines_of(finished.err).size(), 1u) << finished.err;  // one warning for both
  EXPECT_NE(finished.err.find("warning: standard input: line 1: "), std::string::npos) << finished.err;
}

TEST(Stream, TruncationAsAsked) {
  const std::vector<std::string> words = {"tokenize", sentiment(), "--max-length", "5", "a b c d e f g"};
  const auto with = [&](const std::string& how) {
    auto all = words;
    all.insert(all.end(), {"--truncate", how});
    return run(all);
  };
  EXPECT_NE(with("tail").out.find("\"\xe2\x96\x81"
                                  "a\""),
            std::string::npos);
  EXPECT_NE(with("head").out.find("\"\xe2\x96\x81g\""), std::string::npos);
  EXPECT_EQ(with("error").status, 1);
  EXPECT_EQ(with("error").out, "");
}

TEST(Stream, FormatsByExtensionAndByOption) {
  const TemporaryFolder folder;
  write_text(folder.path("a.tsv"), "text_pair\ttext\nb\ta\n");
  write_text(folder.path("a.jsonl"), "\n{\"text\": \"a\", \"text_pair\": \"b\"}\n");
  write_text(folder.path("a.txt"), "{\"text\": \"a\"}\n");
  const std::string table = run({"tokenize", sentiment(), "--input", folder.path("a.tsv")}).out;
  EXPECT_EQ(lines_of(table).size(), 1u);
  EXPECT_EQ(run({"tokenize", sentiment(), "--input", folder.path("a.jsonl")}).out, table);
  const std::string text = run({"tokenize", sentiment(), "--input", folder.path("a.txt")}).out;
  EXPECT_EQ(text, run({"tokenize", sentiment(), "{\"text\": \"a\"}"}).out);
  EXPECT_NE(text,
            run({"tokenize", sentiment(), "--input", folder.path("a.txt"), "--input-format", "jsonl"}).out);
  write_text(folder.path("b.tsv"), "text\tlabel\nfine\n");
  const Finished short_row = run({"tokenize", sentiment(), "--input", folder.path("b.tsv")});
  EXPECT_EQ(short_row.status, 1);
  EXPECT_NE(short_row.err.find("b.tsv: line 2: expected 2 columns, found 1"), std::string::npos)
      << short_row.err;
}

TEST(Stream, OutputToAFile) {
  const TemporaryFolder folder;
  const Finished finished = run({"tokenize", sentiment(), "text", "--output", folder.path("out.jsonl")});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(read_text(folder.path("out.jsonl")), run({"tokenize", sentiment(), "text"}).out);
  EXPECT_EQ(run({"tokenize", sentiment(), "text", "--output", folder.path("no/such/out")}).status, 1);
}

}  // namespace
}  // namespace berta::test
