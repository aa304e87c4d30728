#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"

namespace berta::kernels {

/// Floats that vector loads and stores may touch behind the last column of a row: the widest vector.
inline constexpr std::size_t kSlack = 16;

/// Disentangled attention of one head over one sequence, for some of its queries.
///   S[q,k] = scale (Q[q] K[k] + Q[q] Kr[d(q,k)] + K[k] Qr[d(q,k)]);   out = softmax(S) V
/// Query, key, value and out point at the head's first column; each is readable (out: writable) for kSlack
/// floats behind the head's last column of the last row.
struct AttentionTask {
  const float* query;  // [query_count, head_size]
  std::size_t query_stride;
  std::size_t query_count;
  const std::int32_t* query_positions;  // [query_count], position of each query in its sequence
  const float* key;                     // [key_count, head_size], the keys stand at 0 ... key_count - 1
  const float* value;
  std::size_t key_stride;
  std::size_t key_count;
  const float* position_key;     // Kr transposed [head_size, table_stride], or null
  const float* position_query;   // Qr transposed, or null
  std::size_t table_stride;      // at least the table's rows + kSlack
  const std::int32_t* relative;  // row of the table for a distance q - k; points at distance 0
  float scale;
  std::size_t head_size;
  float* out;  // [query_count, head_size]
  std::size_t out_stride;
};

/// Buffers of one thread, kept between tasks. Linear in key_count; nothing of size query_count x key_count.
struct AttentionScratch {
  AlignedBuffer<float> keys;       // K transposed [head_size, key_count + slack]
  AlignedBuffer<float> scores;     // [query tile, key tile]
  AlignedBuffer<float> positions;  // [query or key group, reachable table rows]
  AlignedBuffer<float> sums;       // [query tile, head_size]
  AlignedBuffer<float> state;      // running maximum and sum of each query of the tile
};

/// Runs on the best instruction set of the machine. Online softmax over tiles of keys, in f32.
void attention(const AttentionTask& task, AttentionScratch& scratch);

}  // namespace berta::kernels
