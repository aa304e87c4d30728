#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "kernels/training_rows.h"
#include "train/ops/functions.h"

namespace berta::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Rows that one thread takes at least: below it, waking another costs more than it brings.
constexpr std::size_t kGrain = 16;
/// Parts of the rows whose sums of the weight's gradient are kept apart: fixed, so that the bits do not
/// depend on the number of threads.
constexpr std::size_t kParts = 16;

/// A dropout in saved_data.
void keep(AutogradContext* context, const kernels::Dropout& dropout) {
  context->saved_data["threshold"] = static_cast<std::int64_t>(dropout.threshold);
  context->saved_data["key"] = static_cast<std::int64_t>(dropout.key);
}
kernels::Dropout kept(AutogradContext* context) {
  return {static_cast<std::uint32_t>(context->saved_data["threshold"].toInt()),
          static_cast<std::uint64_t>(context->saved_data["key"].toInt())};
}

template <class T>
void drop_into(const at::Tensor& x, const at::Tensor& out, const kernels::Dropout& dropout) {
  const auto columns = static_cast<std::size_t>(x.size(1));
  const T* const from = x.const_data_ptr<T>();
  T* const to = out.data_ptr<T>();
  parallel_for(static_cast<std::size_t>(x.size(0)), kGrain, [&](std::size_t begin, std::size_t end) {
    kernels::drop_rows(kernels::DropTask<T>{from + begin * columns, to + begin * columns, begin, end - begin,
                                            columns, dropout});
  });
}

at::Tensor dropped(const at::Tensor& x, const kernels::Dropout& dropout) {
  at::Tensor out = at::empty_like(x);
  for_type(x, [&](auto number) { drop_into<decltype(number)>(x, out, dropout); });
  return out;
}

class FusedDrop : public Function<FusedDrop> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const kernels::Dropout& dropout) {
    keep(context, dropout);
    return dropped(x, dropout);
  }
  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    return {dropped(d_out[0].contiguous(), kept(context)), at::Tensor()};
  }
};

template <class T>
void norm_into(const variable_list& in, const variable_list& out, double epsilon,
               const kernels::Dropout& dropout) {
  const at::Tensor &x = in[0], &residual = in[1], &sum = out[0], &result = out[1], &statistics = out[2];
  const auto columns = static_cast<std::size_t>(x.size(1));
  parallel_for(static_cast<std::size_t>(x.size(0)), kGrain, [&](std::size_t begin, std::size_t end) {
    const std::size_t at = begin * columns;
    kernels::norm_forward(
        kernels::NormForward<T>{.x = x.const_data_ptr<T>() + at,
                                .residual = residual.defined() ? residual.const_data_ptr<T>() + at : nullptr,
                                .sum = sum.data_ptr<T>() + at,
                                .out = result.data_ptr<T>() + at,
                                .statistics = statistics.data_ptr<T>() + 2 * begin,
                                .weight = in[2].const_data_ptr<T>(),
                                .bias = in[3].const_data_ptr<T>(),
                                .first_row = begin,
                                .rows = end - begin,
                                .columns = columns,
                                .epsilon = static_cast<T>(epsilon),
                                .dropout = dropout});
  });
}

/// out: d sum, d x (undefined without dropout), and of each part d weight and d bias, [parts, columns].
template <class T>
void norm_gradients(const at::Tensor& d_out, const variable_list& saved, const variable_list& out,
                    const kernels::Dropout& dropout) {
  const auto rows = static_cast<std::size_t>(d_out.size(0));
  const auto columns = static_cast<std::size_t>(d_out.size(1));
  parallel_for(kParts, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t part = first; part < last; ++part) {
      const std::size_t begin = rows * part / kParts;
      const std::size_t at = begin * columns;
      kernels::norm_backward(
          kernels::NormBackward<T>{.d_out = d_out.const_data_ptr<T>() + at,
                                   .sum = saved[0].const_data_ptr<T>() + at,
                                   .statistics = saved[1].const_data_ptr<T>() + 2 * begin,
                                   .weight = saved[2].const_data_ptr<T>(),
                                   .d_residual = out[0].data_ptr<T>() + at,
                                   .d_x = out[1].defined() ? out[1].data_ptr<T>() + at : nullptr,
                                   .d_weight = out[2].data_ptr<T>() + part * columns,
                                   .d_bias = out[3].data_ptr<T>() + part * columns,
                                   .first_row = begin,
                                   .rows = rows * (part + 1) / kParts - begin,
                                   .columns = columns,
                                   .dropout = dropout});
    }
  });
}

class FusedNorm : public Function<FusedNorm> {
 public:
  // NOLINTNEXTLINE(readability-function-size): autograd sees the tensors that are arguments each
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const MaybeTensor& given,
                            const at::Tensor& weight, const at::Tensor& bias, double epsilon,
                            const kernels::Dropout& dropout) {
    const at::Tensor residual = given.value_or(at::Tensor());
    at::Tensor out = at::empty_like(x);
    const at::Tensor statistics = at::empty({x.size(0), 2}, x.options());
    const at::Tensor sum = x.detach();  // written over x
    for_type(x, [&](auto number) {
      norm_into<decltype(number)>({x, residual, weight, bias}, {sum, out, statistics}, epsilon, dropout);
    });
    context->save_for_backward({sum, statistics, weight});
    context->saved_data["residual"] = residual.defined();
    keep(context, dropout);
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    const variable_list saved = context->get_saved_variables();
    const kernels::Dropout dropout = kept(context);
    const at::Tensor gradient = d_out[0].contiguous();
    const auto parts = [&] {
      return at::zeros({static_cast<std::int64_t>(kParts), gradient.size(1)}, gradient.options());
    };
    const variable_list out = {at::empty_like(gradient),
                               dropout.active() ? at::empty_like(gradient) : at::Tensor(), parts(), parts()};
    for_type(gradient, [&](auto number) { norm_gradients<decltype(number)>(gradient, saved, out, dropout); });
    const at::Tensor& d_sum = out[0];
    return {dropout.active() ? out[1] : d_sum,
            context->saved_data["residual"].toBool() ? d_sum : at::Tensor(),
            out[2].sum(0),
            out[3].sum(0),
            at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor fused_drop(const at::Tensor& x, const kernels::Dropout& dropout) {
  return dropout.active() ? FusedDrop::apply(x.contiguous(), dropout) : x;
}

at::Tensor plain_drop(const at::Tensor& x, const kernels::Dropout& dropout) {
  return dropout.active() ? x * dropout_mask({.rows = x.size(0), .columns = x.size(1)}, dropout, x.options())
                          : x;
}

at::Tensor fused_norm(const at::Tensor& x, const at::Tensor& residual, const NormTensors& norm,
                      const kernels::Dropout& dropout) {
  return FusedNorm::apply(x.contiguous(), maybe(residual.defined() ? residual.contiguous() : residual),
                          norm.weight, norm.bias, norm.epsilon, dropout);
}

at::Tensor plain_norm(const at::Tensor& x, const at::Tensor& residual, const NormTensors& norm,
                      const kernels::Dropout& dropout) {
  const at::Tensor kept = plain_drop(x, dropout);
  return at::layer_norm(residual.defined() ? kept + residual : kept, {x.size(1)}, norm.weight, norm.bias,
                        norm.epsilon);
}

at::Tensor dropout_mask(const MaskShape& shape, const kernels::Dropout& dropout,
                        const at::TensorOptions& options) {
  // kernels::element_hash in the low halves of 64 bits. No product reaches 2^63: the last multiplier counts
  // from 2^32 downwards.
  constexpr std::int64_t kLow = 0xFFFFFFFF, kElement = 0x9E3779B9, kFirst = 0x7FEB352D,
                         kSecond = 0x846CA68B - (kLow + 1);
  std::vector<std::int64_t> keys;  // low and high half of each row's
  for (std::int64_t row = 0; row < shape.rows; ++row) {
    const std::uint64_t key = dropout.of(static_cast<std::uint64_t>(shape.first_row + row)).key;
    keys.push_back(static_cast<std::int64_t>(key & kLow));
    keys.push_back(static_cast<std::int64_t>(key >> 32));
  }
  const at::Tensor both = at::tensor(keys, at::kLong).view({shape.rows, 2}).to(options.device());
  const at::Tensor elements = at::arange(shape.columns, both.options());
  const auto folded = [](const at::Tensor& y, int shift) { return y ^ at::bitwise_right_shift(y, shift); };
  at::Tensor x = (elements * kElement + both.slice(1, 0, 1)).bitwise_and_(kLow);  // [rows, columns]
  x = (folded(x, 16) * kFirst).bitwise_and_(kLow);
  x = ((folded(x, 15) ^ both.slice(1, 1)) * kSecond).bitwise_and_(kLow);
  return folded(x, 16).ge(static_cast<std::int64_t>(dropout.threshold)).to(options).mul_(dropout.scale());
}

}  // namespace berta::train
