#include "ops/cpu.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "kernels/attention.h"
#include "kernels/rows.h"

namespace berta::ops {

using model::Activation;

namespace {

/// Rows that one thread takes at least in elementwise work: below about 16 K floats a thread costs more than
/// it does.
std::size_t row_grain(std::int64_t columns) {
  return static_cast<std::size_t>(std::max<std::int64_t>(1, 16384 / std::max<std::int64_t>(columns, 1)));
}

void activate_rows(CpuOps::Tensor& x, Activation activation) {
  if (activation == Activation::identity) return;
  parallel_for(static_cast<std::size_t>(x.rows()), row_grain(x.columns()),
               [&](std::size_t begin, std::size_t end) {
                 float* first = x.row(static_cast<std::int64_t>(begin));
                 const std::size_t count = (end - begin) * static_cast<std::size_t>(x.columns());
                 if (activation == Activation::gelu) return kernels::gelu(first, count);
                 for (float* value = first; value != first + count; ++value)
                   *value = model::activate(activation, *value);
               });
}

void norm_rows(CpuOps::Tensor& x, const CpuOps::Tensor* residual, const model::LayerNorm<CpuOps>& w) {
  parallel_for(
      static_cast<std::size_t>(x.rows()), row_grain(x.columns()), [&](std::size_t begin, std::size_t end) {
        kernels::layer_norm({.x = x.row(static_cast<std::int64_t>(begin)),
                             .residual = residual ? residual->row(static_cast<std::int64_t>(begin)) : nullptr,
                             .weight = w.weight.data(),
                             .bias = w.bias.data(),
                             .rows = end - begin,
                             .columns = static_cast<std::size_t>(x.columns()),
                             .epsilon = static_cast<float>(w.epsilon)});
      });
}

}  // namespace

CpuOps::Tensor::Tensor(const std::shared_ptr<BufferPool>& pool, std::int64_t rows, std::int64_t columns)
    : pool_(pool),
      buffer_(pool->take(static_cast<std::size_t>(rows * columns) + kernels::kSlack)),
      rows_(rows),
      columns_(columns) {
  // The kernels read (and ignore) up to kSlack floats behind the last row.
  std::fill_n(buffer_.data() + rows * columns, kernels::kSlack, 0.0f);
}

CpuOps::Tensor& CpuOps::Tensor::operator=(Tensor&& other) noexcept {
  if (this == &other) return *this;
  release();
  pool_ = std::move(other.pool_);
  buffer_ = std::move(other.buffer_);
  rows_ = std::exchange(other.rows_, 0);
  columns_ = std::exchange(other.columns_, 0);
  return *this;
}

void CpuOps::Tensor::release() {
  if (pool_) pool_->give(std::move(buffer_));
  pool_.reset();
}

CpuOps::Matrix CpuOps::make_matrix(std::vector<float> data, std::int64_t out, std::int64_t in) {
  return PackedMatrix(data, out, in);
}

CpuOps::Tensor CpuOps::gather(const Table& table, std::span<const std::int32_t> rows) {
  Tensor out = make(static_cast<std::int64_t>(rows.size()), table.columns());
  parallel_for(rows.size(), row_grain(table.columns()), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      read_rows(table, rows[i],
                std::span(out.row(static_cast<std::int64_t>(i)), static_cast<std::size_t>(table.columns())));
    }
  });
  return out;
}

CpuOps::Tensor CpuOps::select(const Tensor& x, std::span<const std::int32_t> rows) {
  Tensor out = make(static_cast<std::int64_t>(rows.size()), x.columns());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(x.row(rows[i]), x.columns(), out.row(static_cast<std::int64_t>(i)));
  }
  return out;
}

CpuOps::Tensor CpuOps::add(Tensor x, const Tensor& y) {
  check_internal(x.rows() == y.rows() && x.columns() == y.columns(), "add: shapes differ");
  const std::size_t count = x.data().size();
  for (std::size_t i = 0; i < count; ++i) x.row(0)[i] += y.row(0)[i];
  return x;
}

CpuOps::Tensor CpuOps::linear(const Tensor& x, const model::Linear<CpuOps>& w) {
  check_internal(x.columns() == w.weight.in(), "linear: inner sizes differ");
  Tensor y = make(x.rows(), w.weight.out());
  w.weight.multiply(x.row(0), x.rows(), w.bias ? w.bias->data() : nullptr, {y.row(0), y.columns()});
  return y;
}

CpuOps::Tensor CpuOps::linear(const Tensor& x, const model::Linear<CpuOps>& w, Activation activation) {
  Tensor y = linear(x, w);
  activate_rows(y, activation);
  return y;
}

CpuOps::Tensor CpuOps::linear_norm(const Tensor& x, const model::Linear<CpuOps>& w, const Tensor& residual,
                                   const model::LayerNorm<CpuOps>& n) {
  Tensor y = linear(x, w);
  norm_rows(y, &residual, n);
  return y;
}

CpuOps::Tensor CpuOps::norm(Tensor x, const model::LayerNorm<CpuOps>& w) {
  norm_rows(x, nullptr, w);
  return x;
}

CpuOps::Tensor CpuOps::tied_logits(const Tensor& x, const Table& table, const Vector& bias) {
  // The table stays mapped: 1,024 rows at a time are converted, 3 MB at 768 columns, and used at once.
  constexpr std::int64_t kBlock = 1024;
  Tensor y = make(x.rows(), table.rows());
  AlignedBuffer<float> block(static_cast<std::size_t>(kBlock * table.columns()));
  for (std::int64_t first = 0; first < table.rows(); first += kBlock) {
    const std::int64_t count = std::min(kBlock, table.rows() - first);
    parallel_for(static_cast<std::size_t>(count), 64, [&](std::size_t begin, std::size_t end) {
      const auto columns = static_cast<std::size_t>(table.columns());
      read_rows(table, first + static_cast<std::int64_t>(begin),
                block.span().subspan(begin * columns, (end - begin) * columns));
    });
    const auto used = block.span().first(static_cast<std::size_t>(count * table.columns()));
    multiply_plain(x.row(0), x.rows(), used, table.columns(), {y.row(0) + first, table.rows()});
  }
  for (std::int64_t i = 0; i < y.rows(); ++i) {
    for (std::int64_t v = 0; v < y.columns(); ++v) y.row(i)[v] += bias[static_cast<std::size_t>(v)];
  }
  return y;
}

}  // namespace berta::ops
