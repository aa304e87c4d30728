#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "train/model/train_model.h"
#include "train/workers/workers.h"

namespace berta::train {

/// Sums a model's gradients over the workers. They lie in buckets, from the last layer's to the first's, and
/// a bucket is on its way as soon as the backward pass has made all of its gradients, while that goes on
/// below. With one worker nothing is done and nothing kept.
class GradientSums {
 public:
  /// `bucket_bytes`: of one, but for a parameter that is larger.
  GradientSums(const TrainModel& model, Workers& workers, std::size_t bucket_bytes = kBucketBytes);
  ~GradientSums();
  GradientSums(const GradientSums&) = delete;
  GradientSums& operator=(const GradientSums&) = delete;

  /// The next backward pass is the step's last: it makes gradients final. Not to be called where a pass gives
  /// a parameter its gradient in several parts, as one with checkpointed layers does: then finish() sums all.
  void begin_last_pass();
  /// Returns when each gradient is the sum over all workers; of one that no worker has, nothing.
  void finish();

  /// Buckets that were on their way before the last backward pass ended; for tests.
  std::size_t started_early() const { return started_early_; }

  static constexpr std::size_t kBucketBytes = std::size_t{8} << 20;

 private:
  struct Bucket {
    std::vector<std::size_t> parameters;
    at::Tensor numbers;  ///< gradients behind one another, then for each 1 where there is one
    std::size_t missing = 0;
    std::unique_ptr<Workers::Pending> sum;
  };

  void make_buckets(std::size_t bytes);
  void add_hooks();
  void arrived(std::size_t parameter);
  void start(Bucket& bucket);
  void take(Bucket& bucket);
  /// The table's gradient may be by rows, of other rows at each worker.
  void sum_table(const at::Tensor& table);
  void sum_rows(const at::Tensor& table);

  const TrainModel& model_;
  Workers& workers_;
  std::vector<Bucket> buckets_;
  std::vector<std::size_t> bucket_of_;  // each parameter's; of the table's none
  std::vector<char> arrived_;
  std::size_t started_ = 0, started_early_ = 0;
  bool last_pass_ = false;
  struct Hooks;
  std::unique_ptr<Hooks> hooks_;
};

}  // namespace berta::train
