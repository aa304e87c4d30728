#include "train/workers/worker_watch.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace berta::train {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLongestBeat{1000};
/// Signs of life that must fail to come before a worker counts as gone when something has gone wrong.
constexpr int kMissed = 4;
/// Processor time between two signs that shows a process at work: more than the watching itself takes.
constexpr double kWorking = 0.002;

std::string failed_key(std::size_t rank) {
  return "failed/" + std::to_string(rank);
}

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

struct WorkerWatch::State {
  State(Place at, std::unique_ptr<WorkerBoard> on)
      : place(std::move(at)),
        board(std::move(on)),
        beat(std::min(kLongestBeat, place.patience / (2 * kMissed))),
        signs(place.names.size()),
        seen(place.names.size(), Clock::now()) {
    for (std::size_t i = 0; i < place.names.size(); ++i) keys.push_back(sign_key(static_cast<int>(i)));
  }

  void run();
  bool goes_on();
  void give_sign();
  void look();
  void look_for_failures();
  std::string name(std::size_t rank) const {
    return "worker " + std::to_string(rank) + " of " + std::to_string(place.names.size()) + " (" +
           place.names[rank] + ")";
  }
  std::optional<std::string> silent_for(milliseconds time);

  const Place place;
  const std::unique_ptr<WorkerBoard> board;
  const milliseconds beat;
  std::atomic<bool> waiting = false, in_step = false;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  bool ending = false, ended = false;
  std::string own_failure;
  std::vector<std::string> keys, signs;
  std::vector<Clock::time_point> seen;  // when each gave its last sign
  Clock::time_point looked = Clock::now();
  std::optional<std::string> failure;  // what somebody said, or what became of the board

  // The thread's own.
  std::int64_t count = 0;
  double processor = processor_seconds();
};

void WorkerWatch::State::give_sign() {
  const double now = processor_seconds();
  const bool works = now - processor > kWorking;
  processor = now;
  if (works || waiting || !in_step) ++count;
  board->set(keys[static_cast<std::size_t>(place.rank)], std::to_string(count));
  std::string reason;
  {
    const std::lock_guard lock(mutex);
    reason = std::exchange(own_failure, {});
  }
  if (!reason.empty()) board->set(failed_key(static_cast<std::size_t>(place.rank)), reason);
}

void WorkerWatch::State::look() {
  const std::vector<std::string> now_there = board->get(keys);
  const Clock::time_point now = Clock::now();
  const std::lock_guard lock(mutex);
  // This process itself was stopped for a while: what the others did meanwhile it can't know.
  const bool was_away = now - looked > beat * kMissed;
  for (std::size_t i = 0; i < signs.size(); ++i) {
    if (was_away || now_there[i] != signs[i]) seen[i] = now;
    signs[i] = now_there[i];
  }
  looked = now;
}

void WorkerWatch::State::look_for_failures() {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (static_cast<int>(i) == place.rank || !board->has(failed_key(i))) continue;
    const std::string reason = board->get({failed_key(i)}).front();
    const std::lock_guard lock(mutex);
    if (!failure) failure = name(i) + " ended: " + reason;
  }
}

/// After a while, or when there is something to say.
bool WorkerWatch::State::goes_on() {
  std::unique_lock lock(mutex);
  changed.wait_for(lock, beat, [&] { return ending || !own_failure.empty(); });
  return !ending || !own_failure.empty();
}

void WorkerWatch::State::run() {
  try {
    while (goes_on()) {
      give_sign();
      look();
      look_for_failures();
    }
  } catch (const std::exception& error) {
    const std::lock_guard lock(mutex);
    if (!failure && !ending) {
      failure = place.keeper < 0
                    ? "the launcher's store is gone: " + std::string(error.what())
                    : name(static_cast<std::size_t>(place.keeper)) + " is gone, and the job's store with it";
    }
  }
  const std::lock_guard lock(mutex);
  ended = true;
  changed.notify_all();
}

/// Under the lock.
std::optional<std::string> WorkerWatch::State::silent_for(milliseconds time) {
  const Clock::time_point now = Clock::now();
  const auto seconds = [&](Clock::time_point since) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - since).count()) + " s";
  };
  if (ended) return failure;
  if (now - looked > time && place.keeper >= 0 && place.keeper != place.rank) {
    return name(static_cast<std::size_t>(place.keeper)) + " has given no sign of life for " + seconds(looked);
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (static_cast<int>(i) != place.rank && now - seen[i] > time + (now - looked))
      return name(i) + " has given no sign of life for " + seconds(seen[i]);
  }
  return std::nullopt;
}

WorkerWatch::WorkerWatch(Place place, std::unique_ptr<WorkerBoard> board)
    : state_(std::make_shared<State>(std::move(place), std::move(board))) {
  std::thread([state = state_] { state->run(); }).detach();
}

WorkerWatch::~WorkerWatch() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
  // It may be in a call that a stopped process never answers.
  state_->changed.wait_for(lock, 2 * state_->beat, [&] { return state_->ended; });
}

std::string WorkerWatch::sign_key(int rank) {
  return "sign/" + std::to_string(rank);
}

void WorkerWatch::set_waiting(bool waiting) {
  state_->waiting = waiting;
}

void WorkerWatch::set_in_step(bool in_step) {
  state_->in_step = in_step;
}

void WorkerWatch::fail(const std::string& reason) {
  const std::lock_guard lock(state_->mutex);
  state_->own_failure = reason;
  state_->changed.notify_all();
}

std::optional<std::string> WorkerWatch::lost() const {
  const std::lock_guard lock(state_->mutex);
  return state_->failure ? state_->failure : state_->silent_for(state_->place.patience);
}

std::optional<std::string> WorkerWatch::find_lost() const {
  for (int i = 0; i < 4 * kMissed; ++i) {
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->failure) return state_->failure;
      if (auto silent = state_->silent_for(kMissed * state_->beat)) return silent;
    }
    std::this_thread::sleep_for(state_->beat / 2);
  }
  return std::nullopt;
}

milliseconds WorkerWatch::beat() const {
  return state_->beat;
}

}  // namespace berta::train
