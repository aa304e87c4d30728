#include "core/parallel.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>

namespace berta {
namespace {

/// Keeps the first exception of a parallel region: none may leave an OpenMP construct.
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
  bool taken() const { return taken_; }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::atomic<bool> taken_ = false;
  std::exception_ptr error_;
};

}  // namespace

void set_threads(int count) {
  omp_set_num_threads(count > 0 ? count : omp_get_num_procs());
}

int threads() {
  return omp_in_parallel() ? 1 : omp_get_max_threads();
}

void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  const std::size_t most = (count + std::max<std::size_t>(grain, 1) - 1) / std::max<std::size_t>(grain, 1);
  const std::size_t parts = std::min(most, static_cast<std::size_t>(threads()));
  if (parts <= 1) return body(0, count);
  FirstException first;
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
  for (std::size_t part = 0; part < parts; ++part) {
    first.guard([&] { body(count * part / parts, count * (part + 1) / parts); });
  }
  first.rethrow();
}

void parallel_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  FirstException first;
  if (count <= 1 || threads() == 1) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
#pragma omp parallel for schedule(dynamic, 1)
  for (std::size_t i = 0; i < count; ++i) {
    if (!first.taken()) first.guard([&] { body(i); });
  }
  first.rethrow();
}

}  // namespace berta
