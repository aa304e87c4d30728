#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned_buffer.h"
#include "model/ops.h"
#include "ops/buffer_pool.h"
#include "ops/packed_matrix.h"
#include "ops/table.h"

namespace berta::ops {

/// `Ops` for inference on a CPU in f32: oneDNN's products over packed weights, fused attention and norms over
/// packed rows. One object a session (it holds buffers); the weights are shared.
class CpuOps {
 public:
  using Scalar = float;

  /// [rows, columns] from the pool of its CpuOps, to which the buffer returns.
  class Tensor {
   public:
    Tensor() = default;
    Tensor(const std::shared_ptr<BufferPool>& pool, std::int64_t rows, std::int64_t columns);
    ~Tensor() { release(); }
    Tensor(Tensor&& other) noexcept { *this = std::move(other); }
    Tensor& operator=(Tensor&& other) noexcept;

    std::int64_t rows() const { return rows_; }
    std::int64_t columns() const { return columns_; }
    float* row(std::int64_t i) { return buffer_.data() + i * columns_; }
    const float* row(std::int64_t i) const { return buffer_.data() + i * columns_; }
    std::span<const float> data() const {
      return {buffer_.data(), static_cast<std::size_t>(rows_ * columns_)};
    }

   private:
    void release();
    std::shared_ptr<BufferPool> pool_;
    AlignedBuffer<float> buffer_;
    std::int64_t rows_ = 0;
    std::int64_t columns_ = 0;
  };

  using Matrix = PackedMatrix;
  using Vector = std::vector<float>;
  using Table = ops::Table;
  using Kernel = std::vector<PackedMatrix>;  // one a group: [D / groups, kernel * D / groups]

  /// Transposed per head for the attention kernel: [heads, head_size, stride].
  struct Positions {
    AlignedBuffer<float> data;
    std::int64_t head_size = 0;
    std::int64_t stride = 0;
  };

  static Matrix make_matrix(std::vector<float> data, std::int64_t out, std::int64_t in);
  static Vector make_vector(std::vector<float> data) { return data; }
  /// `data`: [out, in_per_group, kernel].
  static Kernel make_kernel(std::vector<float> data, std::int64_t out, std::int64_t in, std::int64_t kernel);

  Tensor gather(const Table& table, std::span<const std::int32_t> rows);
  Tensor select(const Tensor& x, std::span<const std::int32_t> rows);
  Tensor add(Tensor x, const Tensor& y);
  Tensor linear(const Tensor& x, const model::Linear<CpuOps>& w);
  Tensor linear(const Tensor& x, const model::Linear<CpuOps>& w, model::Activation activation);
  Tensor linear_norm(const Tensor& x, const model::Linear<CpuOps>& w, const Tensor& residual,
                     const model::LayerNorm<CpuOps>& norm);
  Tensor norm(Tensor x, const model::LayerNorm<CpuOps>& w);
  Tensor convolve(const Tensor& x, const model::ConvolutionWeights<CpuOps>& w,
                  const model::Convolution& shape, const model::Rows& rows);
  Positions positions(const Tensor& projected, std::int64_t heads);
  Tensor attention(const model::AttentionInput<CpuOps>& in);
  Tensor tied_logits(const Tensor& x, const Table& table, const Vector& bias);
  std::vector<float> to_float(const Tensor& x) const { return {x.data().begin(), x.data().end()}; }

 private:
  Tensor make(std::int64_t rows, std::int64_t columns) { return Tensor(pool_, rows, columns); }
  std::shared_ptr<BufferPool> pool_ = std::make_shared<BufferPool>();
};

static_assert(model::Ops<CpuOps>);

}  // namespace berta::ops
