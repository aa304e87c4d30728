#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "io/append_file.h"
#include "io/atomic_file.h"
#include "io/copy_folder.h"
#include "io/folder.h"
#include "io/mapped_file.h"
#include "temporary.h"

namespace berta::io {
namespace {

std::size_t entries_of(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(MappedFile, MapsMovesAndRefuses) {
  const TemporaryFolder folder;
  MappedFile first(folder.write("a", "hello"));
  MappedFile second = std::move(first);
  EXPECT_EQ(second.text(), "hello");
  EXPECT_EQ(second.path(), folder.file("a"));
  MappedFile third(folder.write("empty", ""));
  EXPECT_EQ(third.bytes().size(), 0u);
  third = std::move(second);
  EXPECT_EQ(third.text(), "hello");
  EXPECT_EQ(error_of([&] { MappedFile(folder.file("none")); }),
            folder.file("none") + ": cannot open: No such file or directory");
  EXPECT_EQ(error_of([&] { MappedFile(folder.path()); }), folder.path() + ": not a regular file");
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { MappedFile(folder.file("pipe")); }), folder.file("pipe") + ": not a regular file");
  EXPECT_NE(error_of([&] { MappedFile(std::string("a\0b", 3)); }), "");
}

TEST(AppendFile, GrowsAtItsEnd) {
  const TemporaryFolder folder;
  {
    AppendFile file = AppendFile::create(folder.file("a"));
    file.append("one\n");
    AppendFile moved = std::move(file);
    moved.append("two\n");
    moved.sync();
    EXPECT_EQ(read_all(folder.file("a")), "one\ntwo\n");
    EXPECT_THROW(file.append("x"), InternalError);  // NOLINT(bugprone-use-after-move)
  }
  AppendFile::open(folder.file("a")).append("three");
  EXPECT_EQ(read_all(folder.file("a")), "one\ntwo\nthree");
  EXPECT_EQ(error_of([&] { AppendFile::create(folder.file("a")); }),
            folder.file("a") + ": cannot create: File exists");
  EXPECT_EQ(error_of([&] { AppendFile::open(folder.file("b")); }),
            folder.file("b") + ": cannot open: No such file or directory");
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_NE(error_of([&] { AppendFile::open(folder.file("pipe")); }), "");
}

TEST(AppendFile, AFailedAppendLeavesNoPart) {
  const TemporaryFolder folder;
  AppendFile file = AppendFile::create(folder.file("a"));
  file.append("whole\n");
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{.rlim_cur = 100, .rlim_max = old.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error = error_of([&] { file.append(std::string(1000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error, folder.file("a") + ": cannot write: File too large");
  EXPECT_EQ(read_all(folder.file("a")), "whole\n");
  file.append("next\n");
  EXPECT_EQ(read_all(folder.file("a")), "whole\nnext\n");
}

TEST(AtomicFile, AppearsOnlyWithCommit) {
  const TemporaryFolder folder;
  const std::string path = folder.file("out");
  {
    AtomicFile file(path);
    file.write("half");
    EXPECT_FALSE(is_file(path));
  }
  EXPECT_EQ(entries_of(folder.path()), 0u);
  write_file(path, "old");
  {
    AtomicFile file(path);
    file.write("ne");
    file.write("w");
    EXPECT_EQ(read_all(path), "old");
    file.commit();
    EXPECT_EQ(read_all(path), "new");
    EXPECT_THROW(file.write("more"), InternalError);
    EXPECT_THROW(file.commit(), InternalError);
  }
  EXPECT_EQ(read_all(path), "new");
  EXPECT_EQ(entries_of(folder.path()), 1u);
}

TEST(AtomicFile, TwoWritersOfOneNameDoNotMeet) {
  const TemporaryFolder folder;
  AtomicFile first(folder.file("out"));
  AtomicFile second(folder.file("out"));
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  EXPECT_EQ(read_all(folder.file("out")), "first");
  EXPECT_EQ(entries_of(folder.path()), 1u);
}

TEST(AtomicFile, ReportsErrorsAndLeavesTheOldFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { AtomicFile(folder.file("no/out")); }),
            folder.file("no/out") + ": cannot create: No such file or directory");
  std::filesystem::create_directory(folder.file("taken"));
  EXPECT_EQ(error_of([&] { write_file(folder.file("taken"), "x"); }),
            folder.file("taken") + ": cannot rename: Is a directory");

  write_file(folder.file("out"), "old");
  rlimit saved{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &saved), 0);
  const rlimit small{.rlim_cur = 4, .rlim_max = saved.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error = error_of([&] { write_file(folder.file("out"), "longer than that"); });
  ::setrlimit(RLIMIT_FSIZE, &saved);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error, folder.file("out") + ": cannot write: File too large");
  EXPECT_EQ(read_all(folder.file("out")), "old");
  EXPECT_EQ(entries_of(folder.path()), 2u);
}

TEST(Folder, JoinsAndSplitsPaths) {
  EXPECT_EQ(join("a", "b"), "a/b");
  EXPECT_EQ(join("a/", "b"), "a/b");
  EXPECT_EQ(parent_of("a/b"), "a");
  EXPECT_EQ(parent_of("b"), ".");
  EXPECT_EQ(parent_of("/b"), "/");
  EXPECT_TRUE(is_plain_name("model-00001.bin"));
  for (const std::string_view name : {"", ".", "..", "a/b", "/a", "a\\b"})
    EXPECT_FALSE(is_plain_name(name)) << name;
  EXPECT_FALSE(is_plain_name(std::string_view("a\0", 2)));
  const TemporaryFolder folder;
  EXPECT_TRUE(is_folder(folder.path()));
  EXPECT_FALSE(is_file(folder.path()));
}

TEST(MappedFile, ReleasedPagesReadAgainFromTheFile) {
  const TemporaryFolder folder;
  const std::string content(100'000, 'x');
  const MappedFile file(folder.write("a", content));
  EXPECT_EQ(file.text(), content);
  file.release(file.bytes().subspan(1000, 90'000));
  EXPECT_EQ(file.text(), content);
  std::string other(100'000, 'y');  // not of the file: must stay as it is
  file.release(std::as_bytes(std::span(other)));
  EXPECT_EQ(other, std::string(100'000, 'y'));
}

TEST(CopyFolder, TakesWantedFilesOneLevelDeep) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.file("from/inner/deep"));
  folder.write("from/config.json", "{}");
  folder.write("from/model.bin", "weights");
  folder.write("from/inner/a.json", "[]");
  folder.write("from/inner/deep/b.json", "[]");
  std::filesystem::create_symlink(folder.file("from/config.json"), folder.file("from/link.json"));
  std::filesystem::create_directory_symlink(folder.file("from/inner"), folder.file("from/folder_link"));
  const auto wanted = [](std::string_view name) { return name.ends_with(".json"); };
  copy_folder(folder.file("from"), folder.file("to"), wanted);
  EXPECT_EQ(read_all(folder.file("to/config.json")), "{}");
  EXPECT_EQ(read_all(folder.file("to/link.json")), "{}");
  EXPECT_EQ(read_all(folder.file("to/inner/a.json")), "[]");
  EXPECT_EQ(entries_of(folder.file("to")), 3u);
  EXPECT_EQ(entries_of(folder.file("to/inner")), 1u);
  copy_folder(folder.file("from"), folder.file("to"), wanted);  // again: replaces
  EXPECT_NE(error_of([&] { copy_folder(folder.file("none"), folder.file("to"), wanted); }), "");
  EXPECT_NE(error_of([&] { copy_folder(folder.file("from"), folder.file("a/b/c"), wanted); }), "");
  EXPECT_NE(error_of([&] { copy_folder(folder.file("from"), folder.file("from/model.bin"), wanted); }), "");
}

}  // namespace
}  // namespace berta::io
