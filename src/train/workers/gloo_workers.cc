#include "train/workers/gloo_workers.h"

#include <c10/util/Logging.h>

#include <chrono>
#include <cstdlib>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "core/error.h"
#include "io/append_file.h"
#include "train/workers/nccl_group.h"
#include "train/workers/worker_watch.h"

namespace berta::train {
namespace {

using std::chrono::milliseconds;
using Store = c10::intrusive_ptr<c10d::Store>;

#ifdef BERTA_HAS_NCCL
constexpr bool kHasNccl = true;
#else
constexpr bool kHasNccl = false;
#endif

/// Of one call. Not what finds a worker that hangs, for the first may evaluate or write for as long as it
/// likes: the watch does that.
constexpr milliseconds kNoLimit = std::chrono::hours(24 * 30);

using Work = c10::intrusive_ptr<c10d::Work>;

/// False where the time is over; a work between CPUs throws then. NCCL's own wait() returns at once and lets
/// the GPU wait, for a worker that died without end.
bool wait_for(const Work& work, bool on_gpu, milliseconds time) {
  if (!on_gpu) return work->wait(time);
  const auto end = std::chrono::steady_clock::now() + time;
  while (!work->isCompleted()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return work->wait();
}

/// libtorch adds lines with stacks and addresses.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

class StoreBoard final : public WorkerBoard {
 public:
  explicit StoreBoard(Store store) : store_(std::move(store)) {}
  void set(const std::string& key, const std::string& value) override { store_->set(key, value); }
  bool has(const std::string& key) override { return store_->check({key}); }
  std::vector<std::string> get(const std::vector<std::string>& keys) override {
    std::vector<std::string> values;
    for (const std::vector<std::uint8_t>& value : store_->multiGet(keys))
      values.emplace_back(value.begin(), value.end());
    return values;
  }

 private:
  Store store_;
};

Store connect(const WorkerPlace& place, bool may_serve) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(place.port);
  options.isServer = may_serve && place.rank == 0 && !place.has_store;
  options.numWorkers = static_cast<std::size_t>(place.size);
  options.waitWorkers = false;
  options.timeout = milliseconds(static_cast<std::int64_t>(place.patience * 1000));
  try {
    return c10::make_intrusive<c10d::PrefixStore>(
        "berta" + place.attempt, c10::make_intrusive<c10d::TCPStore>(place.address, options));
  } catch (const std::exception& error) {
    throw UserError("workers: expected " +
                    (options.isServer ? "port " + std::to_string(place.port) + " of this machine to be free"
                                      : "the first worker, or torchrun, to answer at " + place.address + ":" +
                                            std::to_string(place.port)) +
                    " (MASTER_ADDR, MASTER_PORT): " + first_line(error.what()));
  }
}

/// "host, process 17" of each worker.
std::vector<std::string> meet(c10d::Store& store, const WorkerPlace& place) {
  const auto key = [](int rank) { return "name/" + std::to_string(rank); };
  store.set(WorkerWatch::sign_key(place.rank), std::string("0"));
  store.set(key(place.rank), io::host_name() + ", process " + std::to_string(io::process_id()));
  std::vector<std::string> names;
  for (int rank = 0; rank < place.size; ++rank) {
    try {
      const std::vector<std::uint8_t> name = store.get(key(rank));
      names.emplace_back(name.begin(), name.end());
    } catch (const std::exception& error) {
      throw UserError("workers: expected " + std::to_string(place.size) + " (WORLD_SIZE); worker " +
                      std::to_string(rank) + " did not come within " +
                      std::to_string(static_cast<std::int64_t>(place.patience)) + " s");
    }
  }
  return names;
}

/// Two workers with one number would wait for each other in vain.
void refuse_taken(c10d::Store& store, const WorkerPlace& place) {
  if (store.add("taken/" + std::to_string(place.rank), 1) > 1)
    throw UserError("environment: RANK: another process has " + std::to_string(place.rank) + " too");
}

class GlooWorkers final : public Workers {
 public:
  explicit GlooWorkers(const WorkerPlace& place)
      : Workers(place.rank, place.size),
        keeps_store_(place.rank == 0 && !place.has_store),
        store_(connect(place, true)) {
    refuse_taken(*store_, place);
    std::vector<std::string> names = meet(*store_, place);
    watch_.emplace(
        WorkerWatch::Place{.rank = place.rank,
                           .names = std::move(names),
                           .keeper = place.has_store ? -1 : 0,
                           .patience = milliseconds(static_cast<std::int64_t>(place.patience * 1000))},
        std::make_unique<StoreBoard>(connect(place, false)));
    auto options = c10d::ProcessGroupGloo::Options::create(
        milliseconds(static_cast<std::int64_t>(place.patience * 1000)));
    // As everywhere with Gloo, the network that is not the one of the host's name.
    const char* network = std::getenv("GLOO_SOCKET_IFNAME");
    try {
      options->devices.push_back(network != nullptr
                                     ? c10d::ProcessGroupGloo::createDeviceForInterface(network)
                                     : c10d::ProcessGroupGloo::createDefaultDevice());
      group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store_, place.rank, place.size, options);
    } catch (const std::exception& error) {
      lose(error.what());
    }
  }

  ~GlooWorkers() override {
    // Its threads may wait for a process that does not answer, and its destructor would wait for them.
    if (lost_) static_cast<void>(group_.release()), static_cast<void>(gpu_group_.release());
    // Before the store goes the others must have seen who was lost, or take this one for it.
    if (!finished_ && keeps_store_ && watch_) std::this_thread::sleep_for(6 * watch_->beat());
  }

  std::unique_ptr<Pending> start_sum(const at::Tensor& tensor) override {
    std::vector<at::Tensor> tensors{tensor};
    c10d::AllreduceOptions options;
    options.timeout = kNoLimit;
    return std::make_unique<Sum>(
        *this, start(tensor, [&](auto& group) { return group.allreduce(tensors, options); }),
        !tensor.is_cpu());
  }

  void send(const at::Tensor& tensor) override {
    std::vector<at::Tensor> tensors{tensor};
    c10d::BroadcastOptions options;
    options.timeout = kNoLimit;
    wait(start(tensor, [&](auto& group) { return group.broadcast(tensors, options); }), !tensor.is_cpu());
  }

  at::Tensor gather(const at::Tensor& tensor) override {
    std::vector<at::Tensor> given{tensor.contiguous()};
    std::vector<std::vector<at::Tensor>> taken(1);
    for (int i = 0; i < size(); ++i) taken[0].push_back(at::empty_like(given[0]));
    c10d::AllgatherOptions options;
    options.timeout = kNoLimit;
    wait(start(tensor, [&](auto& group) { return group.allgather(taken, given, options); }),
         !tensor.is_cpu());
    return at::stack(taken[0]);
  }

  void set_in_step(bool in_step) override { watch_->set_in_step(in_step); }

  void fail(const std::string& reason) override {
    if (!lost_) watch_->fail(first_line(reason));
    lost_ = true;  // what is under way will not end
  }

  void finish() override {
    std::vector<at::Tensor> nothing{at::zeros({1})};
    sum(nothing[0]);
    if (gpu_group_) gpu_group_->shutdown();
    finished_ = true;
    watch_.reset();
    // All watches have ended when this one's keeper goes. Who fails to come now is nobody's loss.
    try {
      group_->allreduce(nothing)->wait();
    } catch (const std::exception&) {
    }
  }

 private:
  class Sum final : public Pending {
   public:
    Sum(GlooWorkers& workers, Work work, bool on_gpu)
        : workers_(workers), work_(std::move(work)), on_gpu_(on_gpu) {}
    void wait() override { workers_.wait(work_, on_gpu_); }

   private:
    GlooWorkers& workers_;
    Work work_;
    bool on_gpu_;
  };

  /// The network between the GPUs.
  c10d::Backend& gpu_group() {
#ifdef BERTA_HAS_NCCL
    if (!gpu_group_) gpu_group_ = nccl_group(store_, rank(), size());
#endif
    return *gpu_group_;
  }

  /// begin(group), with the network of where the tensor lies.
  template <class Begin>
  Work start(const at::Tensor& tensor, const Begin& begin) {
    if (const auto who = watch_->lost()) lose(*who, true);
    if (!tensor.is_cpu() && !kHasNccl) {
      throw UserError(
          "several processes on GPUs, and this training module was built without NCCL: expected a torch with "
          "CUDA and nccl.h (of the nvidia-nccl package) where it is built");
    }
    try {
      return tensor.is_cpu() ? begin(*group_) : begin(gpu_group());
    } catch (const std::exception& error) {
      lose(error.what());
    }
  }

  void wait(const Work& work, bool on_gpu) {
    watch_->set_waiting(true);
    while (true) {
      try {
        if (wait_for(work, on_gpu, watch_->beat())) break;
      } catch (const std::exception& error) {
        if (work->isCompleted()) lose(error.what());
      }
      if (const auto who = watch_->lost()) lose(*who, true);
    }
    watch_->set_waiting(false);
  }

  /// `what`: who it is, or what the network says, which knows no workers.
  [[noreturn]] void lose(const std::string& what, bool named = false) {
    lost_ = true;
    const auto who = named ? std::optional(what) : watch_->find_lost();
    throw UserError("the job ends: " + (who ? *who : "the workers' network: " + first_line(what)) +
                    "; --resume goes on from the last checkpoint");
  }

  bool keeps_store_;
  bool finished_ = false, lost_ = false;
  Store store_;
  std::optional<WorkerWatch> watch_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
  c10::intrusive_ptr<c10d::Backend> gpu_group_;  // null until there is something to sum there
};

}  // namespace

std::unique_ptr<Workers> gloo_workers(const WorkerPlace& place) {
  // What goes wrong comes as an error; libtorch's own lines of it have stacks and no names.
  setenv("TORCH_CPP_LOG_LEVEL", "ERROR", 0);
  c10::initLogging();
  return std::make_unique<GlooWorkers>(place);
}

}  // namespace berta::train
