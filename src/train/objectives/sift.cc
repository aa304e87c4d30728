#include "train/objectives/sift.h"

#include <cmath>
#include <utility>
#include <vector>

#include "core/parallel.h"
#include "core/random.h"
#include "kernels/dropout.h"

namespace berta::train {
namespace {

/// Rows of random numbers that a thread takes at least.
constexpr std::size_t kGrain = 8;

/// What a key is used for; the passes of a step share nothing.
enum Purpose : std::uint64_t { kStart = 0x51F7'0000, kAscent, kPerturbed };

/// No parameter takes gradients while it lives. They may not even be computed: checkpointed layers give them
/// to the parameters from inside their backward pass, past what a caller asked for.
class Frozen {
 public:
  explicit Frozen(const TrainModel& model) {
    for (const TrainParameter& parameter : model.parameters) {
      if (!parameter.tensor.requires_grad()) continue;
      tensors_.push_back(parameter.tensor);
      tensors_.back().requires_grad_(false);
    }
  }
  ~Frozen() {
    for (const at::Tensor& tensor : tensors_) tensor.requires_grad_(true);
  }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  std::vector<at::Tensor> tensors_;
};

}  // namespace

at::Tensor divergence(const at::Tensor& p, const at::Tensor& q) {
  if (p.size(1) == 1) return at::square(p - q).squeeze(1);
  const at::Tensor log_p = at::log_softmax(p, 1);
  const at::Tensor log_q = at::log_softmax(q, 1);
  return -(log_p.detach().exp() * log_q + log_q.detach().exp() * log_p).sum(1);
}

at::Tensor first_perturbation(std::int64_t rows, std::int64_t columns, double spread, std::uint64_t key) {
  at::Tensor delta = at::empty({rows, columns}, at::kDouble);
  const auto width = static_cast<std::size_t>(columns);
  auto* const numbers = delta.data_ptr<double>();
  parallel_for(static_cast<std::size_t>(rows), kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      CounterStream random(key, row);
      for (std::size_t i = 0; i < width; ++i) numbers[row * width + i] = spread * random.normal();
    }
  });
  return delta.clamp_(-2 * spread, 2 * spread);
}

at::Tensor climbed(const at::Tensor& delta, const at::Tensor& gradient, double step) {
  if (!std::isfinite(gradient.norm().item<double>())) return delta.detach();
  return delta.detach() + step * gradient / (1e-6 + gradient.abs().amax(1, /*keepdim=*/true));
}

Sift::Sift(const SiftSettings& settings, SiftBatch batch)
    : settings_(settings),
      batch_(std::move(batch)),
      start_(first_perturbation(static_cast<std::int64_t>(batch_.batch.tokens.rows.count()),
                                batch_.model.info.config.hidden_size, settings.start,
                                kernels::mix(batch_.options.key ^ kStart))
                 .to(batch_.model.weights.encoder.embeddings.word.options())) {}

at::Tensor Sift::run(const at::Tensor& delta, std::uint64_t pass) {
  RunOptions options = batch_.options;
  options.perturbation = {.normalise = true, .delta = delta};
  options.key = kernels::mix(options.key ^ pass);  // masks of its own, as Microsoft's passes have
  forward_ = std::make_unique<Forward>(batch_.model, options, batch_.batch, batch_.needed);
  return batch_.distributions(*forward_);
}

at::Tensor Sift::ascent(const at::Tensor& clean) {
  const Frozen frozen(batch_.model);
  const at::Tensor delta = start_.detach().requires_grad_(true);
  const at::Tensor sum = divergence(run(delta, kAscent), clean.detach()).sum();
  const at::Tensor gradient = torch::autograd::grad({sum}, {delta})[0];
  return climbed(delta, gradient, settings_.step);
}

at::Tensor Sift::loss(const at::Tensor& clean) {
  const at::Tensor delta = ascent(clean);
  return divergence(run(delta, kPerturbed), clean).mean();
}

}  // namespace berta::train
