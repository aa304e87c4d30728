#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace berta::train {

/// Where workers leave words for one another.
class WorkerBoard {
 public:
  virtual ~WorkerBoard() = default;
  virtual void set(const std::string& key, const std::string& value) = 0;
  virtual bool has(const std::string& key) = 0;
  /// The values of keys that are there.
  virtual std::vector<std::string> get(const std::vector<std::string>& keys) = 0;
};

/// Signs of life. A thread of its own counts up on the board, as long as this process computes or waits for
/// others, and sees who no longer does: a process that was killed or stopped, a machine that is gone, a file
/// system that never answers.
class WorkerWatch {
 public:
  struct Place {
    int rank;
    std::vector<std::string> names;  ///< of all workers, for messages
    int keeper;                      ///< the worker that keeps the board; -1: none of them
    std::chrono::milliseconds patience;
  };
  /// `board`: for the thread alone.
  WorkerWatch(Place place, std::unique_ptr<WorkerBoard> board);
  /// Returns though the board may not: its thread is left to itself then.
  ~WorkerWatch();
  WorkerWatch(const WorkerWatch&) = delete;
  WorkerWatch& operator=(const WorkerWatch&) = delete;

  /// The key of a worker's count, which must be on the board before a watch begins.
  static std::string sign_key(int rank);

  /// Before and after this process waits for others.
  void set_waiting(bool waiting);
  /// Before and after a step, in which a process that lives either computes or waits.
  void set_in_step(bool in_step);
  /// Leaves the reason for the others to read.
  void fail(const std::string& reason);

  /// Who has given no sign of life for the patience, or said that it ends, as a sentence.
  std::optional<std::string> lost() const;
  /// Once it is known that somebody is gone: who it is, which the next signs of life show. Waits for them;
  /// nothing: all seem to live.
  std::optional<std::string> find_lost() const;
  /// Time between two signs of life.
  std::chrono::milliseconds beat() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // the thread's too
};

}  // namespace berta::train
