#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace berta {

/// Threads that wait for the next parallel region. The layers of a small model take some 20 microseconds
/// each, so waiting threads look out for work that long before they sleep, and nothing is locked to hand work
/// out.
class ThreadPool {
 public:
  ThreadPool() = default;
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Calls body(0) ... body(parts - 1), at most `parts` at once, and returns when all have ended. `body` does
  /// not throw. While one caller's region runs, others run theirs on their own thread: many callers do not
  /// oversubscribe the machine.
  void run(std::size_t parts, const std::function<void(std::size_t)>& body);

  /// True on a thread that is inside a region's body.
  static bool inside();

 private:
  void grow(std::size_t workers);
  void work();
  /// Takes parts of the region `epoch` until none is left.
  void take_parts(std::uint32_t epoch);

  std::mutex region_;  // held by the caller whose region runs
  std::vector<std::jthread> workers_;
  std::atomic<std::uint32_t> epoch_ = 0;  // of the last region; what sleeping workers watch
  std::atomic<std::uint64_t> ticket_ =
      0;  // epoch, then the next part: a part is taken only if the region still is
  std::atomic<std::uint32_t> parts_ = 0;
  std::atomic<std::uint32_t> done_ = 0;
  const std::function<void(std::size_t)>* body_ = nullptr;  // read only by holders of a part
  std::atomic<bool> stop_ = false;
};

}  // namespace berta
