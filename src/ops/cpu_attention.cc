#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "kernels/attention.h"
#include "ops/cpu.h"

namespace berta::ops {

CpuOps::Positions CpuOps::positions(const Tensor& projected, std::int64_t heads) {
  Positions out;
  out.head_size = projected.columns() / heads;
  out.stride = projected.rows() + static_cast<std::int64_t>(kernels::kSlack);
  out.data = AlignedBuffer<float>(static_cast<std::size_t>(projected.columns() * out.stride));
  std::fill_n(out.data.data(), out.data.size(), 0.0f);
  for (std::int64_t row = 0; row < projected.rows(); ++row) {
    for (std::int64_t column = 0; column < projected.columns(); ++column) {
      out.data[static_cast<std::size_t>(column * out.stride + row)] = projected.row(row)[column];
    }
  }
  return out;
}

namespace {

/// Work of one thread at a time: a head of a sequence, and of its queries those of one chunk.
struct Chunk {
  std::size_t sequence;
  std::int64_t head;
  std::int64_t first;  // query row of the whole batch
  std::int64_t count;
};

std::vector<Chunk> make_chunks(const model::AttentionInput<CpuOps>& in) {
  // Each chunk transposes its keys anew, so heads are cut only where there are fewer of them than threads can
  // share evenly: four chunks a thread.
  const auto pairs = static_cast<std::int64_t>(in.query_rows.sequences()) * in.heads;
  const std::int64_t wanted = std::max<std::int64_t>(1, 4 * threads() / std::max<std::int64_t>(pairs, 1));
  constexpr std::int64_t kSmallest = 64;  // one query tile of the kernel
  std::vector<Chunk> chunks;
  for (std::size_t s = 0; s < in.query_rows.sequences(); ++s) {
    const std::int64_t length = in.query_rows.length(s);
    if (length == 0) continue;
    const std::int64_t parts = std::clamp<std::int64_t>((length + kSmallest - 1) / kSmallest, 1, wanted);
    for (std::int64_t head = 0; head < in.heads; ++head) {
      for (std::int64_t p = 0; p < parts; ++p) {
        const std::int64_t begin = length * p / parts;
        chunks.push_back({s, head, in.query_rows.starts[s] + begin, length * (p + 1) / parts - begin});
      }
    }
  }
  return chunks;
}

}  // namespace

CpuOps::Tensor CpuOps::attention(const model::AttentionInput<CpuOps>& in) {
  Tensor out = make(in.query.rows(), in.query.columns());
  const std::int64_t size = in.query.columns() / in.heads;
  const auto table = [&](const std::optional<Positions>& positions, std::int64_t head) {
    return positions ? positions->data.data() + head * size * positions->stride : nullptr;
  };
  const auto& any = in.positions.key ? in.positions.key : in.positions.query;
  const std::vector<Chunk> chunks = make_chunks(in);
  parallel_workers(chunks.size(), [&](WorkQueue& queue) {
    kernels::AttentionScratch scratch;
    while (const auto index = queue.next()) {
      const auto& [sequence, head, first, count] = chunks[*index];
      const std::int64_t key_row = in.key_rows.starts[sequence];
      kernels::attention({.query = in.query.row(first) + head * size,
                          .query_stride = static_cast<std::size_t>(in.query.columns()),
                          .query_count = static_cast<std::size_t>(count),
                          .query_positions = in.query_rows.positions.data() + first,
                          .key = in.key.row(key_row) + head * size,
                          .value = in.value.row(key_row) + head * size,
                          .key_stride = static_cast<std::size_t>(in.key.columns()),
                          .key_count = static_cast<std::size_t>(in.key_rows.length(sequence)),
                          .position_key = table(in.positions.key, head),
                          .position_query = table(in.positions.query, head),
                          .table_stride = any ? static_cast<std::size_t>(any->stride) : 0,
                          .relative = any ? in.relative.centre() : nullptr,
                          .scale = static_cast<float>(in.scale),
                          .head_size = static_cast<std::size_t>(size),
                          .out = out.row(first) + head * size,
                          .out_stride = static_cast<std::size_t>(out.columns())},
                         scratch);
    }
  });
  return out;
}

}  // namespace berta::ops
