#include "train/workers/gradient_sums.h"

#include <torch/csrc/autograd/utils/lambda_post_hook.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "train/optim/adam.h"

namespace berta::train {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

using torch::autograd::variable_list;

}  // namespace

/// What the leaves' accumulators call when a gradient is there.
struct GradientSums::Hooks {
  std::vector<std::pair<c10::intrusive_ptr<torch::autograd::Node>, std::uintptr_t>> all;
  ~Hooks() {
    for (auto& [node, key] : all) node->del_post_hook(key);
  }
};

GradientSums::GradientSums(const TrainModel& model, Workers& workers, std::size_t bucket_bytes)
    : model_(model), workers_(workers) {
  if (workers.alone()) return;
  make_buckets(bucket_bytes);
  add_hooks();
}

GradientSums::~GradientSums() = default;

/// A backward pass comes from the last parameters to the first.
void GradientSums::make_buckets(std::size_t bytes) {
  bucket_of_.assign(model_.parameters.size(), kNone);
  std::size_t filled = bytes;
  for (std::size_t i = model_.parameters.size(); i-- > 0;) {
    const at::Tensor& tensor = model_.parameters[i].tensor;
    if (tensor.is_same(model_.weights.encoder.embeddings.word)) continue;
    const auto size = static_cast<std::size_t>(tensor.nbytes());
    if (filled + size > bytes) {
      buckets_.emplace_back();
      filled = 0;
    }
    filled += size;
    buckets_.back().parameters.push_back(i);
    bucket_of_[i] = buckets_.size() - 1;
  }
  for (Bucket& bucket : buckets_) {
    std::int64_t count = 0;
    for (const std::size_t i : bucket.parameters) count += model_.parameters[i].tensor.numel() + 1;
    bucket.numbers = at::empty({count}, model_.parameters.front().tensor.options().requires_grad(false));
  }
}

void GradientSums::add_hooks() {
  hooks_ = std::make_unique<Hooks>();
  for (std::size_t i = 0; i < bucket_of_.size(); ++i) {
    if (bucket_of_[i] == kNone) continue;
    auto node = torch::autograd::impl::grad_accumulator(model_.parameters[i].tensor);
    const auto key = node->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
        [this, i](const variable_list& outputs, const variable_list&) {
          arrived(i);
          return outputs;
        }));
    hooks_->all.emplace_back(std::move(node), key);
  }
}

void GradientSums::begin_last_pass() {
  if (workers_.alone()) return;
  last_pass_ = true;
  started_ = started_early_ = 0;
  arrived_.assign(bucket_of_.size(), 0);
  for (Bucket& bucket : buckets_) bucket.missing = bucket.parameters.size();
}

void GradientSums::arrived(std::size_t parameter) {
  if (!last_pass_) return;
  check_internal(arrived_[parameter] == 0, "a gradient that came in parts");
  arrived_[parameter] = 1;
  --buckets_[bucket_of_[parameter]].missing;
  // In their order, whatever comes first: the workers' sums must be the same ones.
  while (started_ < buckets_.size() && buckets_[started_].missing == 0) {
    start(buckets_[started_++]);
    ++started_early_;
  }
}

void GradientSums::start(Bucket& bucket) {
  const at::NoGradGuard by_hand;
  std::int64_t at = 0;
  std::int64_t flag = bucket.numbers.numel() - static_cast<std::int64_t>(bucket.parameters.size());
  for (const std::size_t i : bucket.parameters) {
    const at::Tensor& tensor = model_.parameters[i].tensor;
    const at::Tensor& gradient = tensor.grad();
    at::Tensor place = bucket.numbers.narrow(0, at, tensor.numel());
    if (gradient.defined()) {
      place.copy_(gradient.reshape({-1}));
    } else {
      place.zero_();
    }
    bucket.numbers[flag++].fill_(gradient.defined() ? 1 : 0);
    at += tensor.numel();
  }
  bucket.sum = workers_.start_sum(bucket.numbers);
}

void GradientSums::take(Bucket& bucket) {
  bucket.sum->wait();
  bucket.sum = nullptr;
  std::int64_t at = 0;
  const auto count = static_cast<std::int64_t>(bucket.parameters.size());
  const at::Tensor flags = bucket.numbers.narrow(0, bucket.numbers.numel() - count, count).to(at::kCPU);
  const float* flag = flags.const_data_ptr<float>();
  for (const std::size_t i : bucket.parameters) {
    const at::Tensor& tensor = model_.parameters[i].tensor;
    const bool there = *flag++ > 0;
    // A view: the next sum is made only after the optimiser has read it.
    tensor.mutable_grad() =
        there ? bucket.numbers.narrow(0, at, tensor.numel()).view(tensor.sizes()) : at::Tensor();
    at += tensor.numel();
  }
}

void GradientSums::finish() {
  if (workers_.alone()) return;
  if (!last_pass_) started_ = started_early_ = 0;
  last_pass_ = false;
  while (started_ < buckets_.size()) start(buckets_[started_++]);
  for (Bucket& bucket : buckets_) take(bucket);
  for (std::size_t i = 0; i < bucket_of_.size(); ++i) {
    if (bucket_of_[i] == kNone) sum_table(model_.parameters[i].tensor);
  }
}

void GradientSums::sum_table(const at::Tensor& table) {
  const at::NoGradGuard by_hand;
  const at::Tensor& gradient = table.grad();
  const double kind = !gradient.defined() ? 0 : is_by_rows(gradient) ? 1 : 2;
  const std::vector<double> kinds = gather_numbers(workers_, kind);
  const double most = *std::max_element(kinds.begin(), kinds.end());
  if (most == 0) return;
  if (most == 1) return sum_rows(table);
  const at::Tensor dense = !gradient.defined() ? at::zeros_like(table)
                           : kind == 1         ? gradient.to_dense()
                                               : gradient.contiguous();
  workers_.sum(dense);
  table.mutable_grad() = dense;
}

void GradientSums::sum_rows(const at::Tensor& table) {
  const at::Tensor own = table.grad().defined() ? table.grad().coalesce() : at::Tensor();
  const at::Tensor rows = own.defined() ? own._indices()[0].contiguous() : at::empty({0}, at::kLong);
  const at::Tensor all = std::get<0>(at::_unique(at::cat(gather_rows(workers_, rows))));
  at::Tensor sums = at::zeros({all.numel(), table.size(1)}, table.options().requires_grad(false));
  if (own.defined()) sums.index_copy_(0, at::searchsorted(all, rows), own._values());
  workers_.sum(sums);
  at::Tensor gradient =
      at::sparse_coo_tensor(all.unsqueeze(0), sums, table.sizes(), sums.options().layout(at::kSparse));
  table.mutable_grad() = gradient._coalesced_(true);
}

}  // namespace berta::train
