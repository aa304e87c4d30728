#include "train/workers/workers.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <span>
#include <string_view>

#include "core/error.h"
#include "kernels/dropout.h"
#include "train/settings.h"
#ifdef BERTA_HAS_GLOO
#include "train/workers/gloo_workers.h"
#endif

namespace berta::train {
namespace {

class OneWorker final : public Workers {
 public:
  OneWorker() : Workers(0, 1) {}
  std::unique_ptr<Pending> start_sum(const at::Tensor&) override { return std::make_unique<Done>(); }
  void send(const at::Tensor&) override {}
  at::Tensor gather(const at::Tensor& tensor) override { return tensor.unsqueeze(0); }
  void fail(const std::string&) override {}
  void finish() override {}

 private:
  struct Done final : Pending {
    void wait() override {}
  };
};

/// Null where it is not set or empty.
const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == 0 ? nullptr : value;
}

std::string required(const char* name) {
  const char* value = variable(name);
  if (value == nullptr) {
    throw UserError(std::string("environment: with WORLD_SIZE above 1 expected ") + name +
                    " too, found none; `torchrun --no-python` sets RANK, WORLD_SIZE, MASTER_ADDR and "
                    "MASTER_PORT");
  }
  return value;
}

int number_in(const char* name, const std::string& text, int low, int high) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < low || number > high) {
    throw UserError(std::string("environment: ") + name + ": expected a number from " + std::to_string(low) +
                    " to " + std::to_string(high) + ", found '" + text + "'");
  }
  return number;
}

/// Numbers of a worker's piece of a tensor, all rows that it owns and perhaps some that are not there.
std::int64_t piece_of(const at::Tensor& tensor, const Workers& workers) {
  const std::int64_t rows = (tensor.size(0) + workers.size() - 1) / workers.size();
  return rows * (tensor.numel() / std::max<std::int64_t>(tensor.size(0), 1));
}

void gather_group(Workers& workers, std::span<const at::Tensor> tensors, std::int64_t count) {
  at::Tensor mine = at::zeros({count}, tensors.front().options().requires_grad(false));
  std::int64_t at = 0;
  for (const at::Tensor& tensor : tensors) {
    const Part own = owned_rows(tensor.size(0), workers);
    const at::Tensor rows = tensor.detach().narrow(0, own.begin, own.end - own.begin).reshape({-1});
    mine.narrow(0, at, rows.numel()).copy_(rows);
    at += piece_of(tensor, workers);
  }
  const at::Tensor all = workers.gather(mine);
  at = 0;
  for (const at::Tensor& tensor : tensors) {
    const std::int64_t piece = piece_of(tensor, workers);
    const at::Tensor numbers = all.narrow(1, at, piece).reshape({-1}).narrow(0, 0, tensor.numel());
    tensor.detach().copy_(numbers.view(tensor.sizes()));
    at += piece;
  }
}

}  // namespace

Workers& only_worker() {
  static OneWorker worker;
  return worker;
}

WorkerPlace worker_place() {
  constexpr int kMost = 1 << 16;
  WorkerPlace place;
  const char* size = variable("WORLD_SIZE");
  if (size == nullptr) {
    // Each of several processes would train for itself, into the same folder.
    if (const char* rank = variable("RANK"); rank != nullptr && variable("MASTER_ADDR") != nullptr) {
      throw UserError(std::string("environment: with RANK ") + rank + " expected WORLD_SIZE too, found none");
    }
    return place;
  }
  place.size = number_in("WORLD_SIZE", size, 1, kMost);
  if (place.size == 1) return place;
  place.rank = number_in("RANK", required("RANK"), 0, place.size - 1);
  place.address = required("MASTER_ADDR");
  place.port = number_in("MASTER_PORT", required("MASTER_PORT"), 1, 65535);
  const char* store = variable("TORCHELASTIC_USE_AGENT_STORE");
  place.has_store = store != nullptr && std::string_view(store) == "True";
  if (const char* attempt = variable("TORCHELASTIC_RESTART_COUNT")) place.attempt = attempt;
  if (const char* local = variable("LOCAL_RANK")) place.local_rank = number_in("LOCAL_RANK", local, 0, kMost);
  return place;
}

std::unique_ptr<Workers> join_workers(const RunSettings& settings) {
  WorkerPlace place = worker_place();
  if (place.size == 1) return std::make_unique<OneWorker>();
#ifdef BERTA_HAS_GLOO
  place.patience = settings.worker_timeout;
  return gloo_workers(place);
#else
  static_cast<void>(settings);
  throw UserError("WORLD_SIZE is " + std::to_string(place.size) +
                  ", and this training module was built for one process: the headers of gloo were missing; "
                  "install them (Debian: libgloo-dev) and build again");
#endif
}

void refuse_dump(const std::string& file, const Workers& workers) {
  if (!file.empty() && !workers.alone())
    throw UserError("--dump-step: expected one process, found " + std::to_string(workers.size()));
}

Part part_of(std::int64_t count, const Workers& workers) {
  return {count * workers.rank() / workers.size(), count * (workers.rank() + 1) / workers.size()};
}

std::uint64_t own_key(std::uint64_t key, const Workers& workers) {
  return workers.is_first() ? key
                            : kernels::mix(key ^ kernels::mix(static_cast<std::uint64_t>(workers.rank())));
}

std::vector<double> gather_numbers(Workers& workers, double number) {
  if (workers.alone()) return {number};
  const at::Tensor all = workers.gather(at::tensor(number, at::kDouble));
  const auto* const first = all.const_data_ptr<double>();
  return {first, first + all.numel()};
}

double number_of_first(Workers& workers, double number) {
  if (workers.alone()) return number;
  const at::Tensor one = at::tensor(number, at::kDouble);
  workers.send(one);
  return one.item<double>();
}

std::vector<at::Tensor> gather_rows(Workers& workers, const at::Tensor& tensor) {
  if (workers.alone()) return {tensor};
  const std::vector<double> counts = gather_numbers(workers, static_cast<double>(tensor.size(0)));
  std::vector<std::int64_t> shape = tensor.sizes().vec();
  shape[0] = static_cast<std::int64_t>(*std::max_element(counts.begin(), counts.end()));
  at::Tensor padded = at::zeros(shape, tensor.options());
  padded.narrow(0, 0, tensor.size(0)).copy_(tensor);
  const at::Tensor all = workers.gather(padded);
  std::vector<at::Tensor> parts;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    parts.push_back(all[static_cast<std::int64_t>(i)].narrow(0, 0, static_cast<std::int64_t>(counts[i])));
  }
  return parts;
}

Part owned_rows(std::int64_t count, const Workers& workers) {
  // Pieces of one length, but for the last ones, so that gathering is one call.
  const std::int64_t piece = (count + workers.size() - 1) / workers.size();
  return {std::min(count, piece * workers.rank()), std::min(count, piece * (workers.rank() + 1))};
}

void gather_owned(Workers& workers, const std::vector<at::Tensor>& tensors) {
  if (workers.alone()) return;
  const at::NoGradGuard by_hand;
  // Many are small, and each call takes its time: as many at once as make a few megabytes.
  constexpr std::int64_t kNumbers = 1 << 21;
  for (std::size_t first = 0, last = 0; first < tensors.size(); first = last) {
    std::int64_t count = 0;
    for (; last < tensors.size() && (last == first || count < kNumbers); ++last)
      count += piece_of(tensors[last], workers);
    gather_group(workers, std::span(tensors).subspan(first, last - first), count);
  }
}

}  // namespace berta::train
