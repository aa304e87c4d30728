#include "cli/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace berta::cli {
namespace {

void write_error(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (count <= 0) return;  // nobody is left to be told
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool is_terminal() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && !(kind != nullptr && std::string_view(kind) == "dumb");
}

/// One line, whatever the message quotes of a file.
std::string one_line(std::string_view message) {
  std::string line(message);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 32 || c == 127; }, ' ');
  return line;
}

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::min(seconds, 359999.0));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{:02}:{:02}", whole / 60, whole % 60);
}

}  // namespace

Console::Console(bool quiet) : quiet_(quiet), terminal_(is_terminal()) {}

void Console::warn(std::string_view message) {
  if (quiet_) return;
  say(fmt::format("warning: {}", message));
}

void Console::note(std::string_view message) {
  if (!quiet_) say(message);
}

void Console::say(std::string_view message) {
  clear_bar();
  write_error("berta: " + one_line(message) + "\n");
}

void Console::begin_progress(double done) {
  start_ = Clock::now();
  done_before_ = done;
}

void Console::progress(double fraction, std::uint64_t lines) {
  progress(fraction, [lines](double seconds) {
    return fmt::format("{} lines, {:.1f} lines/s", lines, static_cast<double>(lines) / seconds);
  });
}

void Console::progress(double fraction, const std::function<std::string(double seconds)>& detail) {
  const auto now = Clock::now();
  if (quiet_ || !terminal_ || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  if (seconds < 0.5) return;
  std::string bar;
  if (fraction >= 0) {
    constexpr int kCells = 24;
    const int full = std::clamp(static_cast<int>(fraction * kCells), 0, kCells);
    bar = fmt::format("{:3.0f}%|{:#<{}}{: <{}}| ", fraction * 100, "", full, "", kCells - full);
  }
  bar += "[" + clock_time(seconds);
  const double done = fraction - done_before_;
  if (done > 0) bar += "<" + clock_time(seconds * (1 - fraction) / done);
  bar += ", " + detail(seconds) + "]";
  const std::size_t width = bar.size();
  if (width < bar_width_) bar.append(bar_width_ - width, ' ');
  bar_width_ = width;
  write_error("\r" + bar);
}

void Console::clear_bar() {
  if (bar_width_ == 0) return;
  write_error("\r" + std::string(bar_width_, ' ') + "\r");
  bar_width_ = 0;
}

void print_error(std::string_view message) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool color = is_terminal() && (no_color == nullptr || *no_color == '\0');
  write_error(fmt::format("berta: {}error:{} {}\n", color ? "\x1b[1;31m" : "", color ? "\x1b[0m" : "",
                          one_line(message)));
}

}  // namespace berta::cli
