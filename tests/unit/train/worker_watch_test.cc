#include "train/workers/worker_watch.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace berta::train {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// What several watches of this process see; can be taken away.
struct Words {
  std::mutex mutex;
  std::map<std::string, std::string> all;
  bool gone = false;
};

class SharedBoard final : public WorkerBoard {
 public:
  explicit SharedBoard(Words& words) : words_(words) {}
  void set(const std::string& key, const std::string& value) override {
    const std::lock_guard lock(words_.mutex);
    if (words_.gone) throw std::runtime_error("no board");
    words_.all[key] = value;
  }
  bool has(const std::string& key) override {
    const std::lock_guard lock(words_.mutex);
    return words_.all.contains(key);
  }
  std::vector<std::string> get(const std::vector<std::string>& keys) override {
    const std::lock_guard lock(words_.mutex);
    std::vector<std::string> values;
    for (const std::string& key : keys) values.push_back(words_.all.at(key));
    return values;
  }

 private:
  Words& words_;
};

class WorkerWatchThreads : public ::testing::Test {
 protected:
  WorkerWatchThreads() {
    for (int rank = 0; rank < 2; ++rank) words_.all[WorkerWatch::sign_key(rank)] = "0";
  }
  std::unique_ptr<WorkerWatch> watch(int rank) {
    return std::make_unique<WorkerWatch>(
        WorkerWatch::Place{
            .rank = rank, .names = {"left", "right"}, .keeper = 0, .patience = milliseconds(800)},
        std::make_unique<SharedBoard>(words_));
  }
  static std::string said_in_time(const WorkerWatch& watch) {
    for (int i = 0; i < 400; ++i) {
      if (const auto lost = watch.lost()) return *lost;
      std::this_thread::sleep_for(milliseconds(50));
    }
    return "";
  }

  Words words_;
};

TEST_F(WorkerWatchThreads, OneThatGivesNoSignIsNamed) {
  const auto left = watch(0);
  EXPECT_THAT(said_in_time(*left), HasSubstr("worker 1 of 2 (right)"));
  EXPECT_THAT(left->find_lost().value_or(""), HasSubstr("worker 1 of 2 (right)"));
}

TEST_F(WorkerWatchThreads, TheReasonOfOneIsRead) {
  const auto left = watch(0);
  {
    const auto right = watch(1);
    right->fail("no such file");
  }
  EXPECT_THAT(said_in_time(*left), HasSubstr("worker 1 of 2 (right) ended: no such file"));
}

TEST_F(WorkerWatchThreads, AStepThatNeitherComputesNorWaitsIsAHang) {
  const auto left = watch(0), right = watch(1);
  right->set_in_step(true);
  right->set_waiting(true);
  std::this_thread::sleep_for(milliseconds(1600));
  EXPECT_EQ(left->lost(), std::nullopt);
  right->set_waiting(false);
  EXPECT_THAT(said_in_time(*left), HasSubstr("(right)"));
}

TEST_F(WorkerWatchThreads, WithTheBoardItsKeeperIsGone) {
  const auto right = watch(1);
  {
    const std::lock_guard lock(words_.mutex);
    words_.gone = true;
  }
  EXPECT_THAT(said_in_time(*right), HasSubstr("worker 0 of 2 (left) is gone"));
}

}  // namespace
}  // namespace berta::train
