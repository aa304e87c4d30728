#include "ops/packed_matrix.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/parallel.h"

namespace berta::ops {
namespace {

/// Rows of x that are multiplied with one panel after another: 192 rows of 768 floats are 590 KB and stay in
/// a second-level cache of 1 MB beside a panel of 147 KB.
constexpr std::size_t kMostRows = 192;
/// Rows of one register tile; fewer would waste its loads of weights.
constexpr std::size_t kFewestRows = 8;
/// Rows below which a thread rather takes some panels for all rows: fewer would read the weights from memory
/// faster than it comes.
constexpr std::size_t kRowsPerThread = 64;

/// Threads share the rows if there are enough: then a thread finds in its cache what it wrote in the product
/// before. Two cores may have no cache in common; int8 at 128 tokens then took 46 ms where threads shared the
/// outputs, and takes 39 (and 34 with a common cache either way).
std::size_t rows_of_block(std::size_t rows) {
  const std::size_t sharers =
      std::clamp<std::size_t>(rows / kRowsPerThread, 1, static_cast<std::size_t>(threads()));
  const std::size_t blocks = sharers * ((rows + sharers * kMostRows - 1) / (sharers * kMostRows));
  const std::size_t wanted = (rows + blocks - 1) / blocks;
  return (wanted + kFewestRows - 1) / kFewestRows * kFewestRows;
}

constexpr std::array<float, kernels::kPanel> kNoBias{};

}  // namespace

PackedMatrix::PackedMatrix(const ReadRows& read, const MatrixShape& shape) : shape_(shape) {
  const std::size_t panels = kernels::panels_of(out());
  const std::size_t words = kernels::words_of(in(), format()) * kernels::kPanel;
  owned_ = AlignedBuffer<std::uint32_t>(panels * words);
  words_ = owned_.span();
  if (format() == kernels::Format::int8) {
    scales_.resize(panels * kernels::kPanel);
    sums_.resize(panels * kernels::kPanel);
  }
  parallel_workers(panels, [&](WorkQueue& queue) {
    AlignedBuffer<float> rows(kernels::kPanel * in());
    while (const auto panel = queue.next()) {
      const std::size_t first = *panel * kernels::kPanel;
      const std::size_t outputs = std::min(kernels::kPanel, out() - first);
      read(first, rows.span().first(outputs * in()));
      kernels::pack_panel({.rows = rows.data(),
                           .outputs = outputs,
                           .in = in(),
                           .format = format(),
                           .words = owned_.data() + *panel * words,
                           .scales = scales_.empty() ? nullptr : scales_.data() + first,
                           .sums = sums_.empty() ? nullptr : sums_.data() + first});
    }
  });
}

PackedMatrix::PackedMatrix(const Panels& panels, const MatrixShape& shape)
    : shape_(shape),
      words_(panels.words),
      scales_(panels.scales.begin(), panels.scales.end()),
      sums_(panels.sums.begin(), panels.sums.end()) {
  const std::size_t outputs = kernels::panels_of(out()) * kernels::kPanel;
  const std::size_t scaled = format() == kernels::Format::int8 ? outputs : 0;
  check_internal(words_.size() == outputs * kernels::words_of(in(), format()) && scales_.size() == scaled &&
                     sums_.size() == scaled,
                 "panels of a wrong size");
}

void PackedMatrix::multiply(const Factor& x, const float* bias, kernels::Finish finish, float* y,
                            std::size_t y_stride) const {
  const std::size_t panels = kernels::panels_of(out());
  const std::size_t inner = kernels::words_of(in(), format());
  const std::size_t block = rows_of_block(x.rows);
  const std::size_t blocks = (x.rows + block - 1) / block;
  const auto panel_of = [&](std::size_t index) {
    return words_.data() + index % panels * inner * kernels::kPanel;
  };
  parallel_shares(blocks * panels, [&](Share& share) {
    while (const auto index = share.next()) {
      const std::size_t first = *index / panels * block;
      const std::size_t panel = *index % panels;
      const std::size_t column = panel * kernels::kPanel;
      kernels::multiply_panel({.format = format(),
                               .x = x.words + first * x.stride,
                               .x_stride = x.stride,
                               .x_scales = x.scales == nullptr ? nullptr : x.scales + first,
                               .rows = std::min(block, x.rows - first),
                               .panel = panel_of(*index),
                               .next_panel = panel_of(*index + 1),  // most likely this thread's next
                               .inner = inner,
                               .scales = scales_.empty() ? nullptr : scales_.data() + column,
                               .sums = sums_.empty() ? nullptr : sums_.data() + column,
                               .bias = bias == nullptr ? kNoBias.data() : bias + column,
                               .finish = finish,
                               .y = y + first * y_stride + column,
                               .y_stride = y_stride,
                               .columns = std::min(kernels::kPanel, out() - column)});
    }
  });
}

}  // namespace berta::ops
