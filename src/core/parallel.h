#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>

namespace berta {

/// The one parallel layer. It runs on OpenMP because Debian's oneDNN does: a second pool would fight it.
/// Threads of the current calling thread's parallel regions; 0 = all cores. Settable per calling thread.
void set_threads(int threads);
int threads();

/// Calls body(begin, end) on disjoint ranges that cover [0, count), at most one range a thread, each at least
/// `grain` long but the last. Runs inline for one range or inside another parallel region. The split depends
/// on count, grain and threads() alone. An exception of a body is rethrown here after all bodies ended.
void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body);

/// Hands out 0 ... count - 1, each once, to the workers of parallel_workers.
class WorkQueue {
 public:
  explicit WorkQueue(std::size_t count) : count_(count) {}
  /// The next index, or nothing when all are taken or the queue was closed.
  std::optional<std::size_t> next() {
    const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
    return index < count_ ? std::optional(index) : std::nullopt;
  }
  void close() { next_.store(count_); }

 private:
  std::size_t count_;
  std::atomic<std::size_t> next_ = 0;
};

/// For uneven work with buffers: worker(queue) runs once on each thread and takes indexes until none is left,
/// so what it sets up before its loop is made once a thread. Runs inline inside another parallel region. An
/// exception closes the queue and is rethrown here.
void parallel_workers(std::size_t count, const std::function<void(WorkQueue&)>& worker);

/// Calls body(i) for each i, handed out in order to whichever thread is free.
void parallel_each(std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace berta
