#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "model/ops.h"
#include "ops/stored.h"
#include "ops/table.h"

namespace berta::ops {

/// The `Ops` that is right by inspection: double precision, plain loops, nothing fused. Tests hold every
/// other implementation against it.
class ReferenceOps {
 public:
  using Scalar = double;

  bool is_exact() const { return true; }
  ReferenceOps exact() const { return {}; }
  ReferenceOps fresh() const { return {}; }

  struct Tensor {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<double> data;  ///< row-major

    Tensor() = default;
    Tensor(std::int64_t r, std::int64_t c) : rows(r), columns(c), data(static_cast<std::size_t>(r * c)) {}
    double* row(std::int64_t i) { return data.data() + i * columns; }
    const double* row(std::int64_t i) const { return data.data() + i * columns; }
  };
  using Matrix = Tensor;  // [out, in]
  using Vector = std::vector<double>;
  using Table = ops::Table;
  using Kernel = std::vector<double>;
  using Positions = Tensor;  // [2 span, heads * head_size]

  static Matrix make_matrix(const Stored& stored, std::int64_t rows, std::int64_t columns);
  static Vector make_vector(std::vector<double> data) { return data; }
  static Kernel make_kernel(std::vector<double> data, std::int64_t, std::int64_t, std::int64_t) {
    return data;
  }

  Tensor gather(const Table& table, std::span<const std::int32_t> rows);
  Tensor select(const Tensor& x, std::span<const std::int32_t> rows);
  Tensor add(Tensor x, const Tensor& y);
  Tensor linear(const Tensor& x, const model::Linear<ReferenceOps>& w);
  Tensor linear(const Tensor& x, const model::Linear<ReferenceOps>& w, model::Activation activation);
  Tensor inner_linear(const Tensor& x, const model::Linear<ReferenceOps>& w, model::Activation activation) {
    return linear(x, w, activation);
  }
  Tensor linear_norm(const Tensor& x, const model::Linear<ReferenceOps>& w, const Tensor& residual,
                     const model::LayerNorm<ReferenceOps>& norm);
  Tensor norm(Tensor x, const model::LayerNorm<ReferenceOps>& w);
  Tensor convolve(const Tensor& x, const model::ConvolutionWeights<ReferenceOps>& w,
                  const model::Convolution& shape, const model::Rows& rows);
  Positions positions(const Tensor& projected, std::int64_t heads, model::PositionTerm term);
  Tensor attention(const model::AttentionInput<ReferenceOps>& in);
  template <class Run>
  Tensor run_segment(const Tensor& x, const model::PositionProjections<ReferenceOps>& positions,
                     const Run& run) {
    return run(x, positions);
  }
  const Tensor& dropout(const Tensor& x, model::DropoutPlace) { return x; }
  Tensor dropout(Tensor&& x, model::DropoutPlace) { return std::move(x); }
  Tensor perturb(Tensor&& x) { return std::move(x); }
  Tensor tied_logits(const Tensor& x, const Table& table, const Vector& bias);
  std::vector<float> to_float(const Tensor& x) const { return {x.data.begin(), x.data.end()}; }
};

static_assert(model::Ops<ReferenceOps>);

}  // namespace berta::ops
