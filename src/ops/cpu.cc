#include "ops/cpu.h"

#include <algorithm>
#include <utility>

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
                 for (float* value = first; value != first + count; ++value)
                   *value = model::activate(activation, *value);
               });
}

/// Norms the rows of x + residual in place and converts them to `format`, which the products behind a norm
/// take.
void norm_rows(CpuOps::Tensor& x, const CpuOps::Tensor* residual, const model::LayerNorm<CpuOps>& w,
               kernels::Format format) {
  constexpr std::int64_t kTogether = 4;  // rows stay in the first-level cache between norm and conversion
  x.start_conversion(format);
  parallel_for(static_cast<std::size_t>(x.rows()), row_grain(x.columns()),
               [&](std::size_t begin, std::size_t end) {
                 const auto last = static_cast<std::int64_t>(end);
                 for (auto row = static_cast<std::int64_t>(begin); row < last; row += kTogether) {
                   const std::int64_t rows = std::min(kTogether, last - row);
                   kernels::layer_norm({.x = x.row(row),
                                        .residual = residual ? residual->row(row) : nullptr,
                                        .weight = w.weight.data(),
                                        .bias = w.bias.data(),
                                        .rows = static_cast<std::size_t>(rows),
                                        .columns = static_cast<std::size_t>(x.columns()),
                                        .epsilon = static_cast<float>(w.epsilon)});
                   x.convert_rows(row, row + rows);
                 }
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
  converted_ = std::move(other.converted_);
  converted_format_ = other.converted_format_;
  pool_ = std::move(other.pool_);
  buffer_ = std::move(other.buffer_);
  rows_ = std::exchange(other.rows_, 0);
  columns_ = std::exchange(other.columns_, 0);
  return *this;
}

void CpuOps::Tensor::release() {
  if (pool_) {
    drop_conversion();
    pool_->give(std::move(buffer_));
  }
  pool_.reset();
}

void CpuOps::Tensor::drop_conversion() {
  if (converted_.size() > 0) pool_->give(std::exchange(converted_, {}));
}

Factor CpuOps::Tensor::factor(kernels::Format format) const {
  const auto rows = static_cast<std::size_t>(rows_);
  if (format == kernels::Format::f32) {
    return {reinterpret_cast<const std::uint32_t*>(buffer_.data()), static_cast<std::size_t>(columns_),
            nullptr, rows};
  }
  if (converted_.size() == 0 || converted_format_ != format) {
    start_conversion(format);
    parallel_for(rows, row_grain(columns_), [&](std::size_t begin, std::size_t end) {
      convert_rows(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end));
    });
  }
  const std::size_t words = kernels::words_of(static_cast<std::size_t>(columns_), format);
  return {reinterpret_cast<const std::uint32_t*>(converted_.data()), words, converted_.data() + rows * words,
          rows};
}

void CpuOps::Tensor::start_conversion(kernels::Format format) const {
  if (converted_.size() > 0) pool_->give(std::exchange(converted_, {}));
  converted_format_ = format;
  if (format == kernels::Format::f32) return;
  const std::size_t words = kernels::words_of(static_cast<std::size_t>(columns_), format);
  converted_ = pool_->take(static_cast<std::size_t>(rows_) * (words + 1));  // the words, then a scale a row
}

void CpuOps::Tensor::convert_rows(std::int64_t begin, std::int64_t end) const {
  if (converted_format_ == kernels::Format::f32) return;
  const std::size_t words = kernels::words_of(static_cast<std::size_t>(columns_), converted_format_);
  const auto first = static_cast<std::size_t>(begin);
  kernels::convert_rows({.x = row(begin),
                         .x_stride = static_cast<std::size_t>(columns_),
                         .rows = static_cast<std::size_t>(end - begin),
                         .columns = static_cast<std::size_t>(columns_),
                         .format = converted_format_,
                         .out = reinterpret_cast<std::uint32_t*>(converted_.data()) + first * words,
                         .out_stride = words,
                         .scales = converted_.data() + static_cast<std::size_t>(rows_) * words + first});
}

CpuOps::Matrix CpuOps::make_matrix(const Stored& stored, std::int64_t out, std::int64_t in) const {
  const auto read_rows = [&](std::size_t first, std::span<float> rows) {
    read(stored, static_cast<std::int64_t>(first) * in, rows);
  };
  return {read_rows, {static_cast<std::size_t>(out), static_cast<std::size_t>(in), format_}};
}

CpuOps::Vector CpuOps::make_vector(std::vector<float> data) const {
  data.resize(data.size() + kernels::kPanel);
  return data;
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
  x.drop_conversion();
  const std::size_t count = x.data().size();
  for (std::size_t i = 0; i < count; ++i) x.row(0)[i] += y.row(0)[i];
  return x;
}

CpuOps::Tensor CpuOps::linear(const Tensor& x, const model::Linear<CpuOps>& w, kernels::Finish finish) {
  check_internal(static_cast<std::size_t>(x.columns()) == w.weight.in(), "linear: inner sizes differ");
  if (observer_) observer_(x, w.weight);
  Tensor y = make(x.rows(), static_cast<std::int64_t>(w.weight.out()));
  w.weight.multiply(x.factor(w.weight.format()), w.bias ? w.bias->data() : nullptr, finish, y.row(0),
                    w.weight.out());
  return y;
}

CpuOps::Tensor CpuOps::linear(const Tensor& x, const model::Linear<CpuOps>& w) {
  return linear(x, w, kernels::Finish::bias);
}

CpuOps::Tensor CpuOps::linear(const Tensor& x, const model::Linear<CpuOps>& w, Activation activation) {
  if (activation == Activation::gelu) return linear(x, w, kernels::Finish::bias_gelu);
  Tensor y = linear(x, w);
  activate_rows(y, activation);
  return y;
}

CpuOps::Tensor CpuOps::linear_norm(const Tensor& x, const model::Linear<CpuOps>& w, const Tensor& residual,
                                   const model::LayerNorm<CpuOps>& n) {
  Tensor y = linear(x, w);
  norm_rows(y, &residual, n, format_);
  return y;
}

CpuOps::Tensor CpuOps::norm(Tensor x, const model::LayerNorm<CpuOps>& w) {
  norm_rows(x, nullptr, w, format_);
  return x;
}

CpuOps::Tensor CpuOps::tied_logits(const Tensor& x, const Table& table, const Vector& bias) {
  // The table stays mapped: 1,024 rows at a time are converted, 3 MB at 768 columns, and used at once.
  constexpr std::int64_t kBlock = 1024;
  Tensor y = make(x.rows(), table.rows());
  for (std::int64_t first = 0; first < table.rows(); first += kBlock) {
    const std::int64_t count = std::min(kBlock, table.rows() - first);
    const auto read = [&](std::size_t row, std::span<float> out) {
      read_rows(table, first + static_cast<std::int64_t>(row), out);
    };
    const PackedMatrix packed(read, {static_cast<std::size_t>(count),
                                     static_cast<std::size_t>(table.columns()), kernels::Format::f32});
    packed.multiply(x.factor(kernels::Format::f32), bias.data() + first, kernels::Finish::bias,
                    y.row(0) + first, static_cast<std::size_t>(table.rows()));
  }
  return y;
}

}  // namespace berta::ops
