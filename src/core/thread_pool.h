#pragma once

#include <array>
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

  /// More parts than this no region has.
  static constexpr std::size_t kMostParts = 1024;

  /// Calls body(0) ... body(parts - 1), at most `parts` at once, and returns when all have ended. The caller
  /// takes part 0 and each worker the part of its own number where it is there in time, so what one region
  /// leaves in a core's cache the next finds there. `body` does not throw. While one caller's region runs,
  /// others run theirs on their own thread: many callers do not oversubscribe the machine.
  void run(std::size_t parts, const std::function<void(std::size_t)>& body);

  /// True on a thread that is inside a region's body.
  static bool inside();

 private:
  void grow(std::size_t workers);
  void work(std::size_t self);
  /// Takes parts of the region `epoch`, `self` first, until none is left.
  void take_parts(std::uint32_t epoch, std::size_t self);

  std::mutex region_;  // held by the caller whose region runs
  std::vector<std::jthread> workers_;
  std::atomic<std::uint32_t> epoch_ = 0;  // of the last region; what sleeping workers watch
  // For each part twice the epoch while it is free, and one more once it is taken: who comes late from
  // another region takes nothing.
  std::array<std::atomic<std::uint32_t>, kMostParts> claims_{};
  std::atomic<std::uint32_t> parts_ = 0;
  std::atomic<std::uint32_t> done_ = 0;
  const std::function<void(std::size_t)>* body_ = nullptr;  // read only by holders of a part
  std::atomic<bool> stop_ = false;
};

}  // namespace berta
