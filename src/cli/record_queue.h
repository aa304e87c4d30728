#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/record.h"

namespace berta::cli {

/// A record, or why there is none.
struct Incoming {
  Record record;
  std::string error;
};

/// Reads records ahead on a thread of its own. Holds at most so many estimated tokens and one record more,
/// however long the input.
class RecordQueue {
 public:
  /// Fills its argument; false at the end. Throws UserError for a bad line; after anything else it is not
  /// called again.
  using Source = std::function<bool(Record&)>;

  RecordQueue(Source source, std::function<void()> stop, std::size_t limit);
  /// Stops the source and waits for it.
  ~RecordQueue();
  RecordQueue(const RecordQueue&) = delete;
  RecordQueue& operator=(const RecordQueue&) = delete;

  /// The next records, about `tokens` of them in all and at least one; none at the end. A patient caller
  /// waits until there are as many; another takes what is there. At the end, rethrows what the source threw
  /// beside UserError.
  std::vector<Incoming> take(std::size_t tokens, bool patient);

 private:
  struct Waiting {
    Incoming incoming;
    std::size_t tokens;
  };

  void read();
  bool push(Incoming incoming);
  void finish(std::exception_ptr failure);

  Source source_;
  std::function<void()> stop_;
  std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::size_t tokens_ = 0;  ///< of what is waiting
  bool at_end_ = false;
  bool stopped_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace berta::cli
