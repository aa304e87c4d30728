#include "train/ops/linear_passes.h"

#include "core/parallel.h"
#include "kernels/training_linear.h"

namespace berta::train {
namespace {

/// Rows that one thread takes at least.
constexpr std::size_t kGrain = 16;
/// Parts of the rows whose sums are kept apart: fixed, so that the bits do not depend on the number of
/// threads.
constexpr std::size_t kParts = 16;

bool on_cpu(const at::Tensor& x, at::ScalarType type) {
  return x.device().is_cpu() && x.scalar_type() == type && x.is_contiguous();
}

const std::uint16_t* narrow_data(const at::Tensor& x) {
  return reinterpret_cast<const std::uint16_t*>(x.const_data_ptr<at::BFloat16>());
}
std::uint16_t* narrow_target(const at::Tensor& x) {
  return reinterpret_cast<std::uint16_t*>(x.data_ptr<at::BFloat16>());
}

/// A run of rows of a matrix.
struct RowRange {
  std::size_t rows, columns;
  std::size_t first;  ///< number of the first element
};

/// Calls body(range) for ranges that cover the rows of x, on several threads.
template <class Body>
void for_rows(const at::Tensor& x, const Body& body) {
  const auto columns = static_cast<std::size_t>(x.size(1));
  parallel_for(static_cast<std::size_t>(x.size(0)), kGrain, [&](std::size_t begin, std::size_t end) {
    body(RowRange{end - begin, columns, begin * columns});
  });
}

/// Calls body(range, sums) for kParts ranges, and adds up what they leave in their sums [columns] of zeros.
template <class Body>
at::Tensor sum_parts(const at::Tensor& x, const Body& body) {
  const auto rows = static_cast<std::size_t>(x.size(0)), columns = static_cast<std::size_t>(x.size(1));
  const at::Tensor sums =
      at::zeros({static_cast<std::int64_t>(kParts), x.size(1)}, x.options().dtype(at::kFloat));
  float* const first_sum = sums.data_ptr<float>();
  parallel_for(kParts, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t part = first; part < last; ++part) {
      const std::size_t begin = rows * part / kParts, end = rows * (part + 1) / kParts;
      body(RowRange{end - begin, columns, begin * columns}, first_sum + part * columns);
    }
  });
  return sums.sum(0);
}

template <class T>
void gelu_rows(const T* x, const float* bias, T* out, const RowRange& range) {
  kernels::gelu_forward(kernels::GeluForward<T>{.x = x + range.first,
                                                .bias = bias,
                                                .out = out + range.first,
                                                .rows = range.rows,
                                                .columns = range.columns});
}

/// Pointers to the first elements.
template <class T>
struct GeluPointers {
  const T* d_out;
  const T* x;
  const float* bias;
  T* d_x;
};

template <class T>
at::Tensor gelu_row_gradients(const at::Tensor& x, const GeluPointers<T>& from) {
  return sum_parts(x, [&](const RowRange& range, float* sums) {
    kernels::gelu_backward(kernels::GeluBackward<T>{.d_out = from.d_out + range.first,
                                                    .x = from.x + range.first,
                                                    .bias = from.bias,
                                                    .d_x = from.d_x + range.first,
                                                    .d_bias = sums,
                                                    .rows = range.rows,
                                                    .columns = range.columns});
  });
}

}  // namespace

at::Tensor widened(const at::Tensor& x, const at::Tensor& bias, at::ScalarType type) {
  if (type != at::kFloat || !on_cpu(x, at::kBFloat16)) {
    const at::Tensor wide = x.to(type);
    return bias.defined() ? wide + bias : wide;
  }
  at::Tensor out = at::empty(x.sizes(), x.options().dtype(type));
  const float* const added = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  for_rows(x, [from = narrow_data(x), to = out.data_ptr<float>(), added](const RowRange& range) {
    kernels::widen_rows({from + range.first, added, to + range.first, range.rows, range.columns});
  });
  return out;
}

Narrowed narrowed(const at::Tensor& x, bool with_sums) {
  if (!on_cpu(x, at::kFloat)) return {x.to(at::kBFloat16), with_sums ? x.sum(0) : at::Tensor()};
  Narrowed result{at::empty(x.sizes(), x.options().dtype(at::kBFloat16)), {}};
  const float* const from = x.const_data_ptr<float>();
  std::uint16_t* const to = narrow_target(result.rows);
  const auto convert = [=](const RowRange& range, float* sums) {
    kernels::narrow_rows({from + range.first, to + range.first, sums, range.rows, range.columns});
  };
  if (with_sums) {
    result.sums = sum_parts(x, convert);
  } else {
    for_rows(x, [&](const RowRange& range) { convert(range, nullptr); });
  }
  return result;
}

at::Tensor summed_rows(const at::Tensor& x) {
  if (!on_cpu(x, at::kFloat)) return x.sum(0);
  return sum_parts(x, [from = x.const_data_ptr<float>()](const RowRange& range, float* sums) {
    kernels::narrow_rows({from + range.first, nullptr, sums, range.rows, range.columns});
  });
}

at::Tensor biased_gelu(const at::Tensor& x, const at::Tensor& bias) {
  const bool wide = on_cpu(x, at::kFloat);
  if (!wide && !(on_cpu(x, at::kBFloat16) && bias.scalar_type() == at::kFloat))
    return at::gelu(x.to(bias.scalar_type()) + bias).to(x.scalar_type());
  at::Tensor out = at::empty_like(x);
  const float* const added = bias.const_data_ptr<float>();
  for_rows(x, [&](const RowRange& range) {
    if (wide) {
      gelu_rows(x.const_data_ptr<float>(), added, out.data_ptr<float>(), range);
    } else {
      gelu_rows(narrow_data(x), added, narrow_target(out), range);
    }
  });
  return out;
}

GeluGradient biased_gelu_gradient(const at::Tensor& d_out, const at::Tensor& x, const at::Tensor& bias) {
  const bool wide = on_cpu(x, at::kFloat);
  if (!wide && !(on_cpu(x, at::kBFloat16) && bias.scalar_type() == at::kFloat)) {
    const at::Tensor d_x = at::gelu_backward(d_out.to(bias.scalar_type()), x.to(bias.scalar_type()) + bias);
    return {d_x.to(x.scalar_type()), d_x.sum(0)};
  }
  const at::Tensor gradient = d_out.contiguous();
  GeluGradient result{at::empty_like(x), {}};
  const float* const added = bias.const_data_ptr<float>();
  result.bias =
      wide ? gelu_row_gradients<float>(x, {gradient.const_data_ptr<float>(), x.const_data_ptr<float>(), added,
                                           result.x.data_ptr<float>()})
           : gelu_row_gradients<std::uint16_t>(
                 x, {narrow_data(gradient), narrow_data(x), added, narrow_target(result.x)});
  return result;
}

}  // namespace berta::train
