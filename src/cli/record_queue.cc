#include "cli/record_queue.h"

#include "core/error.h"

namespace berta::cli {

RecordQueue::RecordQueue(Source source, std::function<void()> stop, std::size_t limit)
    : source_(std::move(source)), stop_(std::move(stop)), limit_(limit), thread_([this] { read(); }) {}

RecordQueue::~RecordQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  stop_();
  thread_.join();
}

void RecordQueue::read() {
  std::exception_ptr failure;
  try {
    bool more = true;
    while (more) {
      Incoming incoming;
      try {
        if (!source_(incoming.record)) break;
      } catch (const UserError& error) {
        incoming.error = error.what();
      }
      more = push(std::move(incoming));
    }
  } catch (...) {
    failure = std::current_exception();
  }
  finish(failure);
}

bool RecordQueue::push(Incoming incoming) {
  const std::size_t tokens = estimate_tokens(incoming.record.json);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || tokens_ < limit_; });
  if (stopped_) return false;
  waiting_.push_back({std::move(incoming), tokens});
  tokens_ += tokens;
  lock.unlock();
  changed_.notify_all();
  return true;
}

void RecordQueue::finish(std::exception_ptr failure) {
  {
    const std::lock_guard lock(mutex_);
    at_end_ = true;
    failure_ = std::move(failure);
  }
  changed_.notify_all();
}

std::vector<Incoming> RecordQueue::take(std::size_t tokens, bool patient) {
  std::vector<Incoming> taken;
  std::unique_lock lock(mutex_);
  const std::size_t wanted = patient ? std::min(tokens, limit_) : 1;
  changed_.wait(lock, [&] { return at_end_ || tokens_ >= wanted; });
  if (waiting_.empty() && failure_) std::rethrow_exception(failure_);
  std::size_t sum = 0;
  while (!waiting_.empty() && (taken.empty() || sum + waiting_.front().tokens <= tokens)) {
    sum += waiting_.front().tokens;
    taken.push_back(std::move(waiting_.front().incoming));
    waiting_.pop_front();
  }
  tokens_ -= sum;
  lock.unlock();
  changed_.notify_all();
  return taken;
}

}  // namespace berta::cli
