#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "train/torch.h"

namespace berta::train {

struct RunSettings;

/// The processes that train one model together, each a part of every batch: as this one, number `rank` of
/// `size`, sees them. What takes or gives tensors must be called by all of them in the same order, with
/// tensors of the same shape and type, all on the CPU or each on its GPU. Those calls throw UserError naming
/// the worker that died or hangs.
class Workers {
 public:
  Workers(int rank, int size) : rank_(rank), size_(size) {}
  virtual ~Workers() = default;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool alone() const { return size_ == 1; }
  /// The one that writes files and speaks.
  bool is_first() const { return rank_ == 0; }

  /// Something under way between the workers; its tensor is not to be touched before wait() has returned.
  class Pending {
   public:
    virtual ~Pending() = default;
    virtual void wait() = 0;
  };
  /// Sums up in place over all workers; the same bits at each.
  virtual std::unique_ptr<Pending> start_sum(const at::Tensor& tensor) = 0;
  void sum(const at::Tensor& tensor) { start_sum(tensor)->wait(); }
  /// Gives all the tensor of the first.
  virtual void send(const at::Tensor& tensor) = 0;
  /// [size, ...]: the tensors of all, in their order.
  virtual at::Tensor gather(const at::Tensor& tensor) = 0;

  /// Before and after a step, in which a process that lives either computes or waits for the others.
  virtual void set_in_step(bool) {}
  /// Tells the others why this one ends, so that they can name it; does not throw.
  virtual void fail(const std::string& reason) = 0;
  /// Returns when all have come here. Nothing else may be called behind it.
  virtual void finish() = 0;

 private:
  int rank_, size_;
};

/// One process that has nobody to wait for.
Workers& only_worker();

/// What the environment says of a process's place, as torchrun sets it.
struct WorkerPlace {
  int rank = 0;
  int size = 1;
  int local_rank = 0;   ///< among those of this machine
  std::string address;  ///< of the first worker's machine
  int port = 0;
  bool has_store = false;  ///< the launcher keeps the store at that address; else the first worker does
  std::string attempt;     ///< of the launcher, which begins anew after a failure
  double patience = 40;    ///< seconds without a sign of life after which a worker is given up
};

/// From RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT; one process where WORLD_SIZE is not set. Throws
/// UserError: a value that can't be, or one that is missing.
WorkerPlace worker_place();

/// Finds the others, as worker_place() says. Throws UserError: who did not come; more than one process, and
/// the module was built without them.
std::unique_ptr<Workers> join_workers(const RunSettings& settings);

/// Runs body(workers) with all workers; when it throws, the others are told.
template <class Body>
auto with_workers(const RunSettings& settings, const Body& body) {
  const std::unique_ptr<Workers> workers = join_workers(settings);
  try {
    auto result = body(*workers);
    workers->finish();
    return result;
  } catch (const std::exception& error) {
    workers->fail(error.what());
    throw;
  }
}

/// Throws UserError where several would write one step to the file; empty: none.
void refuse_dump(const std::string& file, const Workers& workers);

/// This worker's part of `count` things: [begin, end).
struct Part {
  std::int64_t begin, end;
};
Part part_of(std::int64_t count, const Workers& workers);

/// A key of this worker alone, made from one that all have.
std::uint64_t own_key(std::uint64_t key, const Workers& workers);

// What follows costs nothing with one worker.

/// A number of each worker, in their order.
std::vector<double> gather_numbers(Workers& workers, double number);
/// The first worker's number.
double number_of_first(Workers& workers, double number);
/// The tensors of all, which may differ in their first extent.
std::vector<at::Tensor> gather_rows(Workers& workers, const at::Tensor& tensor);
/// Rows of a tensor of `count` rows that each worker owns, in equal pieces.
Part owned_rows(std::int64_t count, const Workers& workers);
/// Gives all workers those rows of the float tensors that the others own.
void gather_owned(Workers& workers, const std::vector<at::Tensor>& tensors);

}  // namespace berta::train
