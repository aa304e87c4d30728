#include <algorithm>

#include "core/parallel.h"
#include "ops/cpu.h"

namespace berta::ops {

CpuOps::Kernel CpuOps::make_kernel(std::vector<float> data, std::int64_t out, std::int64_t in,
                                   std::int64_t kernel) const {
  const std::int64_t groups = out / in;  // D -> D, so a group has as many outputs as inputs
  Kernel matrices;
  std::vector<float> matrix(static_cast<std::size_t>(in * in * kernel));
  for (std::int64_t g = 0; g < groups; ++g) {
    for (std::int64_t o = 0; o < in; ++o) {
      for (std::int64_t i = 0; i < in; ++i) {
        for (std::int64_t t = 0; t < kernel;
             ++t) {  // [o, t, i]: unfolded rows keep neighbouring inputs together
          matrix[static_cast<std::size_t>((o * kernel + t) * in + i)] =
              data[static_cast<std::size_t>(((g * in + o) * in + i) * kernel + t)];
        }
      }
    }
    const auto columns = static_cast<std::size_t>(in * kernel);
    const auto read = [&](std::size_t first, std::span<float> rows) {
      std::copy_n(matrix.data() + first * columns, rows.size(), rows.data());
    };
    matrices.emplace_back(read, MatrixShape{static_cast<std::size_t>(in), columns, format_});
  }
  return matrices;
}

namespace {

/// Row l of the result holds x[l - (kernel - 1) / 2 ... ] of one group, zeros beyond the sequence's ends.
void unfold(const CpuOps::Tensor& x, const model::Rows& rows, const model::Convolution& shape,
            std::int64_t group, CpuOps::Tensor& out) {
  const std::int64_t inputs = x.columns() / shape.groups;
  for (std::size_t s = 0; s < rows.sequences(); ++s) {
    const std::int64_t first = rows.starts[s];
    const std::int64_t length = rows.length(s);
    for (std::int64_t l = 0; l < length; ++l) {
      for (std::int64_t t = 0; t < shape.kernel; ++t) {
        const std::int64_t at = l + t - (shape.kernel - 1) / 2;
        float* to = out.row(first + l) + t * inputs;
        if (at < 0 || at >= length) {
          std::fill_n(to, inputs, 0.0f);
        } else {
          std::copy_n(x.row(first + at) + group * inputs, inputs, to);
        }
      }
    }
  }
}

}  // namespace

CpuOps::Tensor CpuOps::convolve(const Tensor& x, const model::ConvolutionWeights<CpuOps>& w,
                                const model::Convolution& shape, const model::Rows& rows) {
  const std::int64_t inputs = x.columns() / shape.groups;
  Tensor y = make(x.rows(), x.columns());
  for (std::int64_t g = 0; g < shape.groups; ++g) {
    Tensor unfolded = make(x.rows(), inputs * shape.kernel);
    unfold(x, rows, shape, g, unfolded);
    const PackedMatrix& weight = w.weight[static_cast<std::size_t>(g)];
    weight.multiply(unfolded.factor(weight.format()), w.bias.data() + g * inputs, kernels::Finish::bias,
                    y.row(0) + g * inputs, static_cast<std::size_t>(y.columns()));
  }
  const std::size_t count = y.data().size();
  for (std::size_t i = 0; i < count; ++i) y.row(0)[i] = model::activate(shape.activation, y.row(0)[i]);
  return y;
}

}  // namespace berta::ops
