#include "core/parallel.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace berta {
namespace {

/// Keeps the first exception of a parallel region: none may leave an OpenMP construct or a thread.
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

#ifdef _OPENMP

int team_size() {
  return omp_in_parallel() ? 1 : omp_get_max_threads();
}

void set_team_size(int count) {
  omp_set_num_threads(count > 0 ? count : omp_get_num_procs());
}

/// Calls body(0) ... body(parts - 1) on threads of their own. `body` does not throw.
template <class Body>
void run_team(std::size_t parts, const Body& body) {
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
  for (std::size_t part = 0; part < parts; ++part) body(part);
}

#else  // Plain threads: for ThreadSanitizer, which cannot see the barriers of libgomp, and for clang without
       // OpenMP.

thread_local int wanted_threads = 0;
thread_local bool inside_team = false;

int team_size() {
  if (inside_team) return 1;
  return wanted_threads > 0 ? wanted_threads
                            : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

void set_team_size(int count) {
  wanted_threads = count;
}

template <class Body>
void run_team(std::size_t parts, const Body& body) {
  const auto member = [&body](std::size_t part) {
    inside_team = true;
    body(part);
    inside_team = false;
  };
  std::vector<std::jthread> others;
  for (std::size_t part = 1; part < parts; ++part) others.emplace_back(member, part);
  member(0);
}

#endif

}  // namespace

void set_threads(int count) {
  set_team_size(count);
}

int threads() {
  return team_size();
}

void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  const std::size_t most = (count + std::max<std::size_t>(grain, 1) - 1) / std::max<std::size_t>(grain, 1);
  const std::size_t parts = std::min(most, static_cast<std::size_t>(threads()));
  if (parts <= 1) return body(0, count);
  FirstException first;
  run_team(parts, [&](std::size_t part) {
    first.guard([&] { body(count * part / parts, count * (part + 1) / parts); });
  });
  first.rethrow();
}

void parallel_workers(std::size_t count, const std::function<void(WorkQueue&)>& worker) {
  WorkQueue queue(count);
  const std::size_t workers = std::min(count, static_cast<std::size_t>(threads()));
  if (workers <= 1) return worker(queue);
  FirstException first;
  run_team(workers, [&](std::size_t) {
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
