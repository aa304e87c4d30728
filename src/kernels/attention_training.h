#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/aligned_buffer.h"
#include "kernels/dropout.h"

namespace berta::kernels {

/// Sequences of at most so many keys keep their scores for the backward pass, which is a fifth of attention's
/// work: to compute them anew costs more than to read 128 floats a query. Memory stays linear in the length.
inline constexpr std::size_t kKeptKeys = 128;

/// One sequence of a packed batch, as attention sees it.
struct AttentionSequence {
  std::size_t first_query = 0;
  std::size_t query_count = 0;
  std::size_t first_key = 0;
  std::size_t key_count = 0;
  std::size_t first_score = 0;  ///< where those that are kept begin

  bool keeps_scores() const { return key_count <= kKeptKeys; }
  /// Numbers that are kept, [query_count, key_count].
  std::size_t kept_scores() const { return keeps_scores() ? query_count * key_count : 0; }
};

/// Disentangled attention of one head over some sequences, for training; T is float or double.
///   S[q,k] = scale (Q[q] K[k] + Q[q] Kr[d(q,k)] + K[k] Qr[d(q,k)]);   out = dropout(softmax(S)) V
/// All pointers are at the head's first column.
template <class T>
struct TrainingAttention {
  std::span<const AttentionSequence> sequences;
  const T* query;  ///< [query rows, query_stride]
  std::size_t query_stride;
  const std::int32_t* query_positions;  ///< [query rows], position of each query in its sequence
  const T* key;                         ///< [key rows, key_stride]
  const T* value;
  std::size_t key_stride;
  /// [key rows], position of each key in its sequence. Where they follow one another, terms of positions are
  /// read along diagonals; where some are missing (token dropping), from their places.
  const std::int32_t* key_positions;
  const T* position_key;    ///< Kr [table_rows, table_stride], or null
  const T* position_query;  ///< Qr, or null
  std::size_t table_stride;
  const std::int32_t* relative;  ///< row of the table for each distance q - k there is; points at distance 0
  std::size_t head_size;
  T scale;
  Dropout dropout;  ///< of this head

  T* out;       ///< [query rows, query_stride]
  T* log_sums;  ///< [query rows]: the logarithm of the sum of exp(S[q, .]), which is all that backward needs
  T* scores =
      nullptr;  ///< of the sequences that keep theirs; null: backward computes all anew, to the same bits
};

/// Gradients, of a loss whose gradient by `out` is known. All but the tables' are written, those are added
/// to.
template <class T>
struct AttentionGradient {
  const T* d_out;  ///< [query rows, query_stride]
  T* d_query;      ///< [query rows, query_stride]
  T* d_key;        ///< [key rows, key_stride]
  T* d_value;
  T* d_position_key;  ///< [table rows, table_stride], or null where Kr is
  T* d_position_query;
};

/// Buffers of one thread, kept between heads; linear in the longest sequence.
template <class T>
struct TrainingScratch {
  AlignedBuffer<T> buffer;
};

/// out and log_sums. Runs on the best instruction set of the machine.
void attention_forward(const TrainingAttention<float>& task, TrainingScratch<float>& scratch);
void attention_forward(const TrainingAttention<double>& task, TrainingScratch<double>& scratch);

/// The gradients (deberta.md 1.4, "Backward"); probabilities are computed anew from log_sums, tile by tile.
/// The order of all sums is fixed, so the bits depend on the arguments alone.
void attention_backward(const TrainingAttention<float>& task, const AttentionGradient<float>& gradient,
                        TrainingScratch<float>& scratch);
void attention_backward(const TrainingAttention<double>& task, const AttentionGradient<double>& gradient,
                        TrainingScratch<double>& scratch);

}  // namespace berta::kernels
