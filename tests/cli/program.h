#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace berta::test {

/// What a run of the command gave. A signal's end counts as 128 + its number.
struct Finished {
  int status = -1;
  std::string out;
  std::string err;
};

/// A running `berta`, whose standard streams are pipes. Environment variables "NAME=value" may come first
/// among the words, as for env(1).
class Program {
 public:
  explicit Program(std::vector<std::string> words, const std::string& output_path = "");
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void write(const std::string& text);
  void close_input();
  void close_output();
  /// The next line, with its end; empty when none came in that time.
  std::string read_line(std::chrono::milliseconds patience);
  void send_signal(int number) const;
  /// Writes `input` and closes it, reads what comes out, waits for the end.
  Finished finish(const std::string& input = "");

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string pending_;  ///< read, not asked for yet
};

/// Runs it with `input` on standard input.
Finished run(std::vector<std::string> words, const std::string& input = "");

/// Paths of the repository.
std::string models(const std::string& name);
std::string goldens(const std::string& name);

/// A folder of this test alone, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

std::vector<std::string> lines_of(const std::string& text);
void write_text(const std::string& path, const std::string& text);
std::string read_text(const std::string& path);

}  // namespace berta::test
