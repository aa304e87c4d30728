#include "core/parallel.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "core/thread_pool.h"

namespace berta {
namespace {

/// Keeps the first exception of a parallel region: none may leave a thread.
class FirstException {
 public:
  template <class Body>
  void guard(const Body& body) {
    try {
      body();
    } catch (...) {
      if (!taken_.exchange(true)) error_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::atomic<bool> taken_ = false;
  std::exception_ptr error_;
};

thread_local int wanted_threads = 0;

ThreadPool& pool() {
  static ThreadPool threads;
  return threads;
}

}  // namespace

void set_threads(int count) {
  wanted_threads = std::max(count, 0);
}

int threads() {
  if (ThreadPool::inside()) return 1;
  if (wanted_threads > 0) return wanted_threads;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  const std::size_t most = (count + std::max<std::size_t>(grain, 1) - 1) / std::max<std::size_t>(grain, 1);
  const std::size_t parts = std::min(most, static_cast<std::size_t>(threads()));
  if (parts <= 1) return body(0, count);
  FirstException first;
  pool().run(parts, [&](std::size_t part) {
    first.guard([&] { body(count * part / parts, count * (part + 1) / parts); });
  });
  first.rethrow();
}

void parallel_workers(std::size_t count, const std::function<void(WorkQueue&)>& worker) {
  WorkQueue queue(count);
  const std::size_t workers = std::min(count, static_cast<std::size_t>(threads()));
  if (workers <= 1) return worker(queue);
  FirstException first;
  pool().run(workers, [&](std::size_t) {
    first.guard([&] {
      try {
        worker(queue);
      } catch (...) {
        queue.close();
        throw;
      }
    });
  });
  first.rethrow();
}

void parallel_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  parallel_workers(count, [&](WorkQueue& queue) {
    while (const auto index = queue.next()) body(*index);
  });
}

}  // namespace berta
