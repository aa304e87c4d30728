#pragma once

namespace berta::cli {

/// SIGINT and SIGTERM end the program at once with 128 + their number, but never in the middle of a
/// WholeWrite: that ends first. A second signal does not wait.
void install_signal_handlers();

/// While one lives, a signal waits for its end, so that no line of the output is cut.
class WholeWrite {
 public:
  WholeWrite();
  ~WholeWrite();
  WholeWrite(const WholeWrite&) = delete;
  WholeWrite& operator=(const WholeWrite&) = delete;
};

/// While one lives, the first signal only leaves its number here, so that long work can be saved; a second
/// one ends the program at once.
class StopRequest {
 public:
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  /// The signal that came, or 0.
  int signal() const;
};

}  // namespace berta::cli
