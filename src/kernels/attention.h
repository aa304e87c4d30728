#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "kernels/words.h"

namespace berta::kernels {

/// A relative table of one head, projected, in the form that the kernel takes. Kr is transposed, so that one
/// product gives a query's terms for many distances; Qr stays in rows, so that one gives the terms of many
/// keys for a distance.
struct TableTask {
  const float* rows;  // [count, row_stride], at the head's first column
  std::size_t row_stride;
  std::size_t count;
  std::size_t head_size;
  Format format;  // f32 or bf16
  bool transposed;
  std::uint32_t* out;  // [words_of(head_size), stride], stride >= count + kSlack; or [count, stride]
  std::size_t stride;
};
void pack_table(const TableTask& task);

/// Disentangled attention of one head over one sequence, for some of its queries.
///   S[q,k] = scale (Q[q] K[k] + Q[q] Kr[d(q,k)] + K[k] Qr[d(q,k)]);   out = softmax(S) V
/// Query, key, value and out are f32 and point at the head's first column. With bf16 the products take
/// bfloat16 inputs; sums, scores and the softmax are f32 in any case. Value is readable for kSlack floats
/// behind the last column of the last row.
struct AttentionTask {
  Format format;       // f32 or bf16
  const float* query;  // [query_count, head_size]
  std::size_t query_stride;
  std::size_t query_count;
  const std::int32_t* query_positions;  // [query_count], position of each query in its sequence
  const float* key;                     // [key_count, head_size], the keys stand at 0 ... key_count - 1
  const float* value;
  std::size_t key_stride;
  std::size_t key_count;
  const std::uint32_t* position_key;    // Kr, transposed [words_of(head_size), table_stride], or null
  const std::uint32_t* position_query;  // Qr, in rows of words_of(head_size), or null
  std::size_t table_rows;
  std::size_t table_stride;
  const std::int32_t* relative;  // row of the table for a distance q - k; points at distance 0
  bool steady;  // with each distance the row stays or grows by one, as in every sensible table
  float scale;
  std::size_t head_size;
  float* out;  // [query_count, head_size]
  std::size_t out_stride;
};

/// Buffers of one thread, kept between tasks. Linear in key_count; nothing of size query_count x key_count.
struct AttentionScratch {
  AlignedBuffer<std::uint32_t> keys;           // K transposed [head words, key_count + slack]
  AlignedBuffer<std::uint32_t> key_rows;       // bf16: K [key_count, head words]
  AlignedBuffer<std::uint32_t> values;         // bf16: V, two keys a word [key_count / 2, head_size + slack]
  AlignedBuffer<std::uint32_t> queries;        // bf16: the tile's queries [query tile, head words]
  AlignedBuffer<std::uint32_t> probabilities;  // bf16: the tile's probabilities [query tile, key tile / 2]
  AlignedBuffer<float> scores;                 // [query tile, key tile]
  AlignedBuffer<float> positions;              // [group, reachable table rows], or transposed
  AlignedBuffer<float> sums;                   // [query tile, head_size]
  AlignedBuffer<float> maxima;                 // running maximum of each query of the tile
  AlignedBuffer<float> totals;                 // running sum of each query, a vector of partial sums
};

/// Runs on the best instruction set of the machine. Online softmax over tiles of keys.
void attention(const AttentionTask& task, AttentionScratch& scratch);

}  // namespace berta::kernels
