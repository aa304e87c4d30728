#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace berta::cli {

/// Standard error: messages, and on a terminal a progress bar below them.
class Console {
 public:
  explicit Console(bool quiet = false);
  ~Console() { clear_bar(); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// "berta: warning: ..."; not when quiet.
  void warn(std::string_view message);
  /// "berta: ..."; not when quiet.
  void note(std::string_view message);
  /// "berta: ..."; also when quiet.
  void say(std::string_view message);

  /// The time that a bar shows begins here, where `done` of the work is behind it.
  void begin_progress(double done);
  /// Draws the bar at most ten times a second; nothing where standard error is no terminal or quiet.
  /// `fraction` below 0: unknown.
  void progress(double fraction, std::uint64_t lines);
  /// The same with other facts than lines: `detail(seconds)` is asked only when the bar is drawn.
  void progress(double fraction, const std::function<std::string(double seconds)>& detail);
  /// Takes the bar away, before something is printed over it and at the end.
  void clear_bar();

 private:
  using Clock = std::chrono::steady_clock;

  bool quiet_;
  bool terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_ = start_;
  double done_before_ = 0;     ///< part of the work at start_
  std::size_t bar_width_ = 0;  ///< columns on the screen now
};

/// "berta: error: MESSAGE", red on a terminal unless NO_COLOR is set.
void print_error(std::string_view message);

}  // namespace berta::cli
