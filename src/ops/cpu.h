#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/words.h"
#include "model/ops.h"
#include "ops/buffer_pool.h"
#include "ops/packed_matrix.h"
#include "ops/stored.h"
#include "ops/table.h"

namespace berta::ops {

/// Attention takes bf16 where linear layers take bf16 or int8 and the machine multiplies it natively, else
/// f32.
kernels::Format attention_format(kernels::Format format);

/// `Ops` for inference on a CPU: packed products with f32, bf16 or int8 inputs, fused attention and norms
/// over packed rows. Sums, scores, softmax, residuals and norms are f32 in every format, so nothing overflows
/// that f32 holds. One object a session (it holds buffers); the weights are shared.
class CpuOps {
 public:
  using Scalar = float;

  /// `format`: of the inputs of products.
  explicit CpuOps(kernels::Format format = kernels::Format::f32) : format_(format) {}
  bool is_exact() const { return format_ == kernels::Format::f32; }
  /// One in f32; and one of the same format. Both with buffers of their own.
  CpuOps exact() const { return CpuOps(kernels::Format::f32); }
  CpuOps fresh() const { return CpuOps(format_); }

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

    /// The rows as a left factor of products; converted at the first call and kept for the next ones.
    Factor factor(kernels::Format format) const;
    /// To be called before the rows are changed in place.
    void drop_conversion();
    /// Makes room for the conversion, and converts some rows: for those who have just written them, and have
    /// them in cache. All rows are to be converted then.
    void start_conversion(kernels::Format format) const;
    void convert_rows(std::int64_t begin, std::int64_t end) const;

   private:
    void release();
    std::shared_ptr<BufferPool> pool_;
    AlignedBuffer<float> buffer_;
    std::int64_t rows_ = 0;
    std::int64_t columns_ = 0;
    // The last conversion. A tensor belongs to one session, so to one thread at a time.
    mutable AlignedBuffer<float> converted_;
    mutable kernels::Format converted_format_ = kernels::Format::f32;
  };

  using Matrix = PackedMatrix;
  using Vector = std::vector<float>;
  using Table = ops::Table;
  using Kernel = std::vector<PackedMatrix>;  // one a group: [D / groups, kernel * D / groups]

  /// Tables of the attention kernel, one a head: see kernels::TableTask.
  struct Positions {
    AlignedBuffer<std::uint32_t> data;
    std::size_t rows = 0;
    std::size_t stride = 0;
    std::size_t head_size = 0;  ///< words of one head's table
  };

  /// Called with the input and the weight of each product from now on: for calibration, which needs real
  /// inputs.
  using Observer = std::function<void(const Tensor& x, const Matrix& weight)>;
  void observe(Observer observer) { observer_ = std::move(observer); }

  Matrix make_matrix(const Stored& stored, std::int64_t out, std::int64_t in) const;
  /// Padded behind the end, as kernels::PanelTask wants its bias.
  Vector make_vector(std::vector<float> data) const;
  /// `data`: [out, in_per_group, kernel].
  Kernel make_kernel(std::vector<float> data, std::int64_t out, std::int64_t in, std::int64_t kernel) const;

  Tensor gather(const Table& table, std::span<const std::int32_t> rows);
  Tensor select(const Tensor& x, std::span<const std::int32_t> rows);
  Tensor add(Tensor x, const Tensor& y);
  Tensor linear(const Tensor& x, const model::Linear<CpuOps>& w);
  Tensor linear(const Tensor& x, const model::Linear<CpuOps>& w, model::Activation activation);
  Tensor inner_linear(const Tensor& x, const model::Linear<CpuOps>& w, model::Activation activation) {
    return linear(x, w, activation);
  }
  Tensor linear_norm(const Tensor& x, const model::Linear<CpuOps>& w, const Tensor& residual,
                     const model::LayerNorm<CpuOps>& norm);
  Tensor norm(Tensor x, const model::LayerNorm<CpuOps>& w);
  Tensor convolve(const Tensor& x, const model::ConvolutionWeights<CpuOps>& w,
                  const model::Convolution& shape, const model::Rows& rows);
  Positions positions(const Tensor& projected, std::int64_t heads, model::PositionTerm term);
  Tensor attention(const model::AttentionInput<CpuOps>& in);
  template <class Run>
  Tensor run_segment(const Tensor& x, const model::PositionProjections<CpuOps>& positions, const Run& run) {
    return run(x, positions);
  }
  const Tensor& dropout(const Tensor& x, model::DropoutPlace) { return x; }
  Tensor dropout(Tensor&& x, model::DropoutPlace) { return std::move(x); }
  Tensor perturb(Tensor&& x) { return std::move(x); }
  Tensor tied_logits(const Tensor& x, const Table& table, const Vector& bias);
  std::vector<float> to_float(const Tensor& x) const { return {x.data().begin(), x.data().end()}; }

 private:
  Tensor linear(const Tensor& x, const model::Linear<CpuOps>& w, kernels::Finish finish);
  kernels::Format attention_format() const { return ops::attention_format(format_); }
  Tensor make(std::int64_t rows, std::int64_t columns) { return Tensor(pool_, rows, columns); }
  kernels::Format format_;
  Observer observer_;
  std::shared_ptr<BufferPool> pool_ = std::make_shared<BufferPool>();
};

static_assert(model::Ops<CpuOps>);

}  // namespace berta::ops
