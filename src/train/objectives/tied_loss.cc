#include "train/objectives/tied_loss.h"

#include <algorithm>

#include "core/random.h"
#include "train/ops/products.h"

namespace berta::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Rows at once: 64 rows of a vocabulary of 128,100 are 33 MB of logits, and enough for full speed of the
/// products.
constexpr std::int64_t kRows = 64;

/// The sums of one loss.
struct Sums {
  double loss = 0;
  at::Tensor d_features, d_table, d_bias;
};

/// One token a row from softmax(logits), by the inverse of its distribution.
void draw(const at::Tensor& probabilities, std::uint64_t seed, std::int64_t first,
          std::vector<std::int32_t>& drawn) {
  const at::Tensor levels = probabilities.cumsum(1);
  at::Tensor wanted = at::empty({levels.size(0), 1}, at::kFloat);
  for (std::int64_t row = 0; row < levels.size(0); ++row) {
    CounterStream stream(seed, static_cast<std::uint64_t>(first + row));
    wanted[row][0] = static_cast<float>(stream.uniform());
  }
  wanted = wanted.to(levels.device()) * levels.slice(1, -1);  // rounding: the last level is not quite 1
  const at::Tensor tokens =
      at::searchsorted(levels, wanted).clamp_max(levels.size(1) - 1).to(at::kCPU, at::kInt).contiguous();
  const auto* const ids = tokens.const_data_ptr<std::int32_t>();
  drawn.insert(drawn.end(), ids, ids + tokens.numel());
}

void add_rows(const TiedLossInput& in, std::int64_t first, std::int64_t count,
              std::optional<std::uint64_t> seed, Sums& sums, TiedLossFacts& facts) {
  const auto type = in.bf16 ? at::kBFloat16 : in.features.scalar_type();
  const at::Tensor features = in.features.narrow(0, first, count).to(type);
  const at::Tensor table = in.table.to(type);
  const at::Tensor labels = in.labels.narrow(0, first, count).unsqueeze(1);
  const at::Tensor logits = product(features, table.t()).to(in.features.scalar_type()).add_(in.bias);
  const at::Tensor total = logits.logsumexp(1, /*keepdim=*/true);
  sums.loss += (total - logits.gather(1, labels)).sum().item<double>();
  facts.correct += logits.argmax(1, true).eq(labels).sum().item<std::int64_t>();
  at::Tensor gradient = logits.sub_(total).exp_();  // probabilities, over the logits
  if (seed) draw(gradient, *seed, in.first + first, facts.drawn);
  if (!sums.d_features.defined()) return;
  gradient.scatter_add_(1, labels, at::full_like(labels, -1, gradient.scalar_type()));
  gradient.div_(static_cast<double>(in.labels.size(0)));
  sums.d_bias.add_(gradient.sum(0));
  const at::Tensor narrow = gradient.to(type);
  sums.d_features.narrow(0, first, count).copy_(product(narrow, table));
  if (in.bf16) {
    sums.d_table.add_(narrow.t().matmul(features));
  } else {
    sums.d_table.addmm_(narrow.t(), features);
  }
}

class TiedLoss : public Function<TiedLoss> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& features, const at::Tensor& table,
                            const at::Tensor& bias, const Sums& sums) {
    context->save_for_backward({sums.d_features, sums.d_table, sums.d_bias});
    static_cast<void>(table);
    static_cast<void>(bias);
    return at::tensor(sums.loss, features.options());
  }
  static variable_list backward(AutogradContext* context, const variable_list& d_loss) {
    const variable_list saved = context->get_saved_variables();
    const double scale = d_loss[0].item<double>();
    const auto scaled = [&](const at::Tensor& gradient) { return scale == 1 ? gradient : gradient * scale; };
    return {scaled(saved[0]), scaled(saved[1]), scaled(saved[2]), at::Tensor()};
  }
};

}  // namespace

at::Tensor tied_loss(const TiedLossInput& in, std::optional<std::uint64_t> seed, TiedLossFacts& facts) {
  Sums sums;
  const bool gradients = at::GradMode::is_enabled();
  {
    const at::NoGradGuard by_hand;
    if (gradients) {
      sums.d_features = at::empty_like(in.features);
      sums.d_table = at::zeros_like(in.table);
      sums.d_bias = at::zeros_like(in.bias);
    }
    TiedLossInput once = in;
    if (in.bf16) once.table = in.table.to(at::kBFloat16);
    for (std::int64_t first = 0; first < in.labels.size(0); first += kRows) {
      add_rows(once, first, std::min(kRows, in.labels.size(0) - first), seed, sums, facts);
    }
    sums.loss /= static_cast<double>(std::max<std::int64_t>(in.labels.size(0), 1));
  }
  if (!gradients) return at::tensor(sums.loss, in.features.options());
  return TiedLoss::apply(in.features, in.table, in.bias, sums);
}

}  // namespace berta::train
