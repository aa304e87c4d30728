#include "core/thread_pool.h"

#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace berta {
namespace {

/// Looks before sleeping. A pause takes 40-140 cycles, so this is 20-70 microseconds: longer than the gaps
/// between the regions of one layer, shorter than anybody would notice.
constexpr int kLooks = 2000;

thread_local bool inside_body = false;

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

/// Waits until `value` is no longer `old`.
void await_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  for (int look = 0; look < kLooks; ++look) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

ThreadPool::~ThreadPool() {
  stop_ = true;
  ++epoch_;
  epoch_.notify_all();
}

bool ThreadPool::inside() {
  return inside_body;
}

void ThreadPool::run(std::size_t parts, const std::function<void(std::size_t)>& body) {
  const std::unique_lock lock(region_, std::try_to_lock);
  if (!lock) {
    const bool before = std::exchange(inside_body, true);
    for (std::size_t part = 0; part < parts; ++part) body(part);
    inside_body = before;
    return;
  }
  grow(parts - 1);
  body_ = &body;
  parts_.store(static_cast<std::uint32_t>(parts), std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  const std::uint32_t epoch = epoch_.load(std::memory_order_relaxed) + 1;
  for (std::size_t part = 0; part < parts; ++part) claims_[part].store(2 * epoch, std::memory_order_release);
  epoch_.store(epoch, std::memory_order_release);
  epoch_.notify_all();
  take_parts(epoch, 0);
  for (std::uint32_t done = done_; done < parts; done = done_) await_change(done_, done);
}

void ThreadPool::take_parts(std::uint32_t epoch, std::size_t self) {
  const std::size_t parts = parts_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t part = (self + i) % parts;
    std::uint32_t is_free = 2 * epoch;
    if (!claims_[part].compare_exchange_strong(is_free, is_free + 1, std::memory_order_acq_rel)) continue;
    inside_body = true;
    (*body_)(part);
    inside_body = false;
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == parts_.load(std::memory_order_relaxed))
      done_.notify_all();
  }
}

void ThreadPool::work(std::size_t self) {
  std::uint32_t seen = 0;
  while (!stop_) {
    await_change(epoch_, seen);
    seen = epoch_.load(std::memory_order_acquire);
    take_parts(seen, self);
  }
}

void ThreadPool::grow(std::size_t workers) {
  while (workers_.size() < workers) {
    workers_.emplace_back([this, self = workers_.size() + 1] { work(self); });
  }
}

}  // namespace berta
