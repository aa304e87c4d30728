#include "io/line_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "temporary.h"

namespace berta::io {
namespace {

/// Gives a text in pieces of the given sizes, then whatever is asked for.
LineReader::Source pieces(std::string text, std::vector<std::uint8_t> sizes) {
  return [text, sizes, at = std::size_t{0}, turn = std::size_t{0}](std::span<char> out) mutable {
    const std::size_t wanted = turn < sizes.size() ? std::size_t{sizes[turn++]} + 1 : out.size();
    const std::size_t count = std::min({wanted, out.size(), text.size() - at});
    std::memcpy(out.data(), text.data() + at, count);
    at += count;
    return count;
  };
}

std::vector<std::string> lines_of(LineReader reader) {
  std::vector<std::string> lines;
  std::string_view line;
  while (reader.next(line)) lines.emplace_back(line);
  EXPECT_EQ(reader.number(), lines.size());
  return lines;
}

std::vector<std::string> lines_of(const std::string& text) {
  return lines_of(LineReader("t", pieces(text, {})));
}

TEST(LineReader, SplitsLikeAPlainLoopWhateverThePieces) {
  EXPECT_TRUE(rc::check(
      [](const std::vector<std::string>& words, const std::vector<std::uint8_t>& sizes, bool last_end) {
        std::string text;
        std::vector<std::string> expected;
        for (std::string word : words) {
          std::replace(word.begin(), word.end(), '\n', ' ');
          std::replace(word.begin(), word.end(), '\r', ' ');
          std::replace(word.begin(), word.end(), '\xef', ' ');
          text += word + (word.size() % 2 ? "\n" : "\r\n");
          expected.push_back(word);
        }
        if (!last_end && !expected.empty() && !expected.back().empty()) {
          text.resize(text.size() - (expected.back().size() % 2 ? 1 : 2));
        }
        RC_ASSERT(lines_of(LineReader("t", pieces(text, sizes))) == expected);
      }));
}

TEST(LineReader, HandlesEndsOfLines) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("\n"), Lines{""});
  EXPECT_EQ(lines_of("a"), Lines{"a"});
  EXPECT_EQ(lines_of("a\r"), Lines{"a"});
  EXPECT_EQ(lines_of("a\n\nb"), (Lines{"a", "", "b"}));
  EXPECT_EQ(lines_of("a\rb\r\n"), Lines{"a\rb"});
  EXPECT_EQ(lines_of(std::string("a\0b\n", 4)), Lines{std::string("a\0b", 3)});
  EXPECT_EQ(lines_of("\xef\xbb\xbf{}\n\xef\xbb\xbf"), (Lines{"{}", "\xef\xbb\xbf"}));
}

TEST(LineReader, RefusesALineThatIsTooLongAndGoesOnBehindIt) {
  const std::string text = "ok\n" + std::string(200'000, 'x') + "\nnext\n" + std::string(11, 'y');
  LineReader reader("t", pieces(text, {5, 5, 5}), 10);
  std::string_view line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(error_of([&] { reader.next(line); }), "t: line 2: longer than 10 bytes");
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line, "next");
  EXPECT_EQ(reader.number(), 3u);
  EXPECT_EQ(error_of([&] { reader.next(line); }), "t: line 4: longer than 10 bytes");
  EXPECT_FALSE(reader.next(line));
  EXPECT_FALSE(reader.next(line));
}

TEST(LineReader, HoldsNoMoreThanALongLineNeeds) {
  std::size_t given = 0;
  LineReader reader(
      "t",
      [&](std::span<char> out) {
        std::fill(out.begin(), out.end(), 'x');
        given += out.size();
        return out.size();
      },
      1000);
  std::string_view line;
  EXPECT_NE(error_of([&] { reader.next(line); }), "");
  EXPECT_LE(given, 200'000u);  // it gave up at once, on an input without end
}

TEST(LineReader, GivesALineAsSoonAsItsEndArrives) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  LineReader reader("t", [&](std::span<char> out) {
    const ssize_t count = ::read(ends[0], out.data(), out.size());
    return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  });
  std::string_view line;
  for (const char* text :
       {"one\n", "two\n"}) {  // nothing more is in the pipe: a reader that waits would hang
    ASSERT_EQ(::write(ends[1], text, 4), 4);
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, std::string_view(text, 3));
  }
  ::close(ends[1]);
  EXPECT_FALSE(reader.next(line));
  ::close(ends[0]);
}

TEST(LineReader, ReadsFilesPipesAndReportsErrors) {
  const TemporaryFolder folder;
  EXPECT_EQ(lines_of(LineReader::open(folder.write("a.txt", "x\ny"))), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(error_of([&] { LineReader::open(folder.file("b.txt")); }),
            folder.file("b.txt") + ": cannot open: No such file or directory");
  std::string_view line;
  EXPECT_EQ(error_of([&] { LineReader::open(folder.path()).next(line); }),
            folder.path() + ": cannot read: Is a directory");

  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  std::thread writer([&] {
    const int end = ::open(folder.file("pipe").c_str(), O_WRONLY);
    EXPECT_EQ(::write(end, "through a pipe\n", 15), 15);
    ::close(end);
  });
  EXPECT_EQ(lines_of(LineReader::open(folder.file("pipe"))), std::vector<std::string>{"through a pipe"});
  writer.join();
}

TEST(LineReader, ReadsStandardInput) {
  const TemporaryFolder folder;
  const int file = ::open(folder.write("in", "from standard input").c_str(), O_RDONLY);
  const int saved = ::dup(STDIN_FILENO);
  ::dup2(file, STDIN_FILENO);
  {
    LineReader reader = LineReader::open("-");
    std::string_view line;
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "from standard input");
    EXPECT_EQ(reader.where(), "standard input: line 1");
  }
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  ::close(file);
}

}  // namespace
}  // namespace berta::io
