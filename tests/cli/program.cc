#include "program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace berta::test {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return {ends[0], ends[1]};
}

std::string drain(int descriptor) {
  std::string text;
  char piece[1 << 16];
  while (true) {
    const ssize_t count = ::read(descriptor, piece, sizeof(piece));
    if (count > 0) {
      text.append(piece, static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      return text;
    }
  }
}

void shut(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

/// env [NAME=value...] berta WORDS; env drops nothing and is everywhere.
[[noreturn]] void execute(const std::vector<std::string>& words) {
  std::vector<std::string> all{"/usr/bin/env"};
  std::size_t next = 0;
  while (next < words.size() && words[next].find('=') != std::string::npos) all.push_back(words[next++]);
  all.emplace_back(BERTA_COMMAND);
  all.insert(all.end(), words.begin() + static_cast<std::ptrdiff_t>(next), words.end());
  std::vector<char*> pointers;
  for (std::string& word : all) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(pointers.front(), pointers.data());
  _exit(127);
}

}  // namespace

Program::Program(std::vector<std::string> words, const std::string& output_path) {
  std::signal(SIGPIPE, SIG_IGN);  // a program that ended early is no end of the test
  const Pipe in = make_pipe(), out = make_pipe(), err = make_pipe();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(in.read, STDIN_FILENO);
    ::dup2(output_path.empty() ? out.write : ::open(output_path.c_str(), O_WRONLY), STDOUT_FILENO);
    ::dup2(err.write, STDERR_FILENO);
    execute(words);
  }
  ::close(in.read);
  ::close(out.write);
  ::close(err.write);
  in_ = in.write;
  out_ = out.read;
  err_ = err.read;
}

Program::~Program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  shut(in_);
  shut(out_);
  shut(err_);
}

void Program::write(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(in_, text.data() + done, text.size() - done);
    if (count < 0) return;  // it has ended; its status says why
    done += static_cast<std::size_t>(count);
  }
}

void Program::close_input() {
  shut(in_);
}
void Program::close_output() {
  shut(out_);
}
void Program::send_signal(int number) const {
  ::kill(pid_, number);
}

std::string Program::read_line(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    if (const auto newline = pending_.find('\n'); newline != std::string::npos) {
      std::string line = pending_.substr(0, newline + 1);
      pending_.erase(0, newline + 1);
      return line;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return "";
    pollfd wait{.fd = out_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(left.count())) <= 0) continue;
    char piece[4096];
    const ssize_t count = ::read(out_, piece, sizeof(piece));
    if (count <= 0) return "";
    pending_.append(piece, static_cast<std::size_t>(count));
  }
}

Finished Program::finish(const std::string& input) {
  Finished finished;
  std::thread writer([&] {
    write(input);
    close_input();
  });
  std::thread reader([&] { finished.err = drain(err_); });
  finished.out = pending_ + (out_ >= 0 ? drain(out_) : "");
  reader.join();
  writer.join();
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

Finished run(std::vector<std::string> words, const std::string& input) {
  return Program(std::move(words)).finish(input);
}

std::string models(const std::string& name) {
  return std::string(BERTA_MODELS) + "/" + name;
}
std::string goldens(const std::string& name) {
  return std::string(BERTA_TEST_DATA) + "/goldens/" + name;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "berta-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace berta::test
