#include "cli/signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace berta::cli {
namespace {

enum State : int { idle, writing, ending };

std::atomic<int> state = idle;
std::atomic<int> waiting_signal = 0;
std::atomic<bool> may_stop_itself = false;  // a StopRequest lives
std::atomic<int> stop_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

void on_signal(int number) {
  if (may_stop_itself && stop_signal.exchange(number) == 0) return;
  int expected = idle;
  const bool may_end = state.compare_exchange_strong(expected, ending) || expected == ending;
  if (may_end || waiting_signal.exchange(number) != 0) _exit(128 + number);
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

WholeWrite::WholeWrite() {
  int expected = idle;
  while (!state.compare_exchange_strong(expected, writing)) {
    if (expected == ending) pause();  // another thread's handler ends the program
    expected = idle;
  }
}

WholeWrite::~WholeWrite() {
  state.store(idle);
  if (const int number = waiting_signal.load(); number != 0) _exit(128 + number);
}

StopRequest::StopRequest() {
  stop_signal = 0;
  may_stop_itself = true;
}

StopRequest::~StopRequest() {
  may_stop_itself = false;
}

int StopRequest::signal() const {
  return stop_signal;
}

}  // namespace berta::cli
