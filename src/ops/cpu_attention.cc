#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "kernels/attention.h"
#include "kernels/cpu_features.h"
#include "ops/cpu.h"

namespace berta::ops {

kernels::Format attention_format(kernels::Format format) {
  const bool narrow = format != kernels::Format::f32 && kernels::has_native_bf16();
  return narrow ? kernels::Format::bf16 : kernels::Format::f32;
}

CpuOps::Positions CpuOps::positions(const Tensor& projected, std::int64_t heads, model::PositionTerm term) {
  const auto head_size = static_cast<std::size_t>(projected.columns() / heads);
  const auto rows = static_cast<std::size_t>(projected.rows());
  const std::size_t words = kernels::words_of(head_size, attention_format());
  const bool transposed = term == model::PositionTerm::content_to_position;
  Positions out;
  out.rows = rows;
  out.stride = transposed ? rows + kernels::kSlack : words;
  out.head_size = transposed ? words * out.stride : rows * out.stride;
  out.data = AlignedBuffer<std::uint32_t>(static_cast<std::size_t>(heads) * out.head_size);
  std::fill_n(out.data.data(), out.data.size(), 0u);
  parallel_each(static_cast<std::size_t>(heads), [&](std::size_t head) {
    kernels::pack_table({.rows = projected.row(0) + head * head_size,
                         .row_stride = static_cast<std::size_t>(projected.columns()),
                         .count = rows,
                         .head_size = head_size,
                         .format = attention_format(),
                         .transposed = transposed,
                         .out = out.data.data() + head * out.head_size,
                         .stride = out.stride});
  });
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
  const std::int64_t wanted =
      std::max<std::int64_t>(1, std::int64_t{4} * threads() / std::max<std::int64_t>(pairs, 1));
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
  const auto table = [](const std::optional<Positions>& positions,
                        std::int64_t head) -> const std::uint32_t* {
    if (!positions) return nullptr;
    return positions->data.data() + static_cast<std::size_t>(head) * positions->head_size;
  };
  const auto& any = in.positions.key ? in.positions.key : in.positions.query;
  const std::vector<Chunk> chunks = make_chunks(in);
  parallel_shares(chunks.size(), [&](Share& share) {
    kernels::AttentionScratch scratch;
    while (const auto index = share.next()) {
      const auto& [sequence, head, first, count] = chunks[*index];
      const std::int64_t key_row = in.key_rows.starts[sequence];
      kernels::attention({.format = attention_format(),
                          .query = in.query.row(first) + head * size,
                          .query_stride = static_cast<std::size_t>(in.query.columns()),
                          .query_count = static_cast<std::size_t>(count),
                          .query_positions = in.query_rows.positions.data() + first,
                          .key = in.key.row(key_row) + head * size,
                          .value = in.value.row(key_row) + head * size,
                          .key_stride = static_cast<std::size_t>(in.key.columns()),
                          .key_count = static_cast<std::size_t>(in.key_rows.length(sequence)),
                          .position_key = table(in.positions.key, head),
                          .position_query = table(in.positions.query, head),
                          .table_rows = any ? any->rows : 0,
                          .table_stride = in.positions.key ? in.positions.key->stride : 0,
                          .relative = any ? in.relative.centre() : nullptr,
                          .steady = in.relative.steady(),
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
