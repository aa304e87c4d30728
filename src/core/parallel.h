#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace berta {

/// The one parallel layer: everything in Berta that runs on several threads goes through these functions and
/// one pool. Threads of the calling thread's parallel regions; 0 = all cores. Settable per calling thread.
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

/// Hands out 0 ... count - 1, each once: to each worker of parallel_shares its own share of neighbouring
/// indexes from the front, and when that is done, those that others still have from the back.
class SharedRange {
 public:
  SharedRange(std::size_t count, std::size_t workers);
  std::optional<std::size_t> next(std::size_t worker);
  void close();

 private:
  // Begin and end of what is left of a share, in one word; a cache line each, for they are written all the
  // time.
  struct alignas(64) Left {
    std::atomic<std::uint64_t> range;
  };
  std::vector<Left> left_;
};

/// One worker's view of a SharedRange.
class Share {
 public:
  Share(SharedRange& range, std::size_t worker) : range_(range), worker_(worker) {}
  std::optional<std::size_t> next() { return range_.next(worker_); }

 private:
  SharedRange& range_;
  std::size_t worker_;
};

/// As parallel_workers, where it pays that neighbouring indexes, and in the next region the same ones, stay
/// on one thread: cores without a common cache pass a line on slowly. `count` fits in 32 bits.
void parallel_shares(std::size_t count, const std::function<void(Share&)>& worker);

/// Calls body(i) for each i, handed out in order to whichever thread is free.
void parallel_each(std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace berta
