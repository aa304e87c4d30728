#include "core/parallel.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <thread>

#include "core/error.h"
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
  constexpr int kMost = static_cast<int>(ThreadPool::kMostParts);
  if (wanted_threads > 0) return std::min(wanted_threads, kMost);
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMost);
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

namespace {

constexpr std::uint64_t pack_range(std::uint64_t begin, std::uint64_t end) {
  return begin << 32 | end;
}

}  // namespace

SharedRange::SharedRange(std::size_t count, std::size_t workers) : left_(workers) {
  check_internal(count <= std::numeric_limits<std::uint32_t>::max(), "too many pieces of work");
  for (std::size_t w = 0; w < workers; ++w) {
    left_[w].range = pack_range(count * w / workers, count * (w + 1) / workers);
  }
}

std::optional<std::size_t> SharedRange::next(std::size_t worker) {
  for (std::size_t i = 0; i < left_.size(); ++i) {
    std::atomic<std::uint64_t>& range = left_[(worker + i) % left_.size()].range;
    std::uint64_t seen = range.load(std::memory_order_relaxed);
    for (;;) {
      const std::uint64_t begin = seen >> 32;
      const std::uint64_t end = seen & 0xffffffffu;
      if (begin >= end) break;
      const bool own = i == 0;
      const std::uint64_t rest = own ? pack_range(begin + 1, end) : pack_range(begin, end - 1);
      if (range.compare_exchange_weak(seen, rest, std::memory_order_relaxed)) return own ? begin : end - 1;
    }
  }
  return std::nullopt;
}

void SharedRange::close() {
  for (Left& left : left_) left.range = 0;
}

void parallel_shares(std::size_t count, const std::function<void(Share&)>& worker) {
  const std::size_t workers = std::min(count, static_cast<std::size_t>(threads()));
  if (workers == 0) return;
  SharedRange range(count, workers);
  if (workers == 1) {
    Share all(range, 0);
    return worker(all);
  }
  FirstException first;
  pool().run(workers, [&](std::size_t part) {
    first.guard([&] {
      try {
        Share share(range, part);
        worker(share);
      } catch (...) {
        range.close();
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
