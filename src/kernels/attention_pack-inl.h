// Inputs of the attention kernel as words, compiled once per instruction set. Include guard toggled per
// target.
#if defined(BERTA_KERNELS_ATTENTION_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_ATTENTION_PACK_INL_H_
#undef BERTA_KERNELS_ATTENTION_PACK_INL_H_
#else
#define BERTA_KERNELS_ATTENTION_PACK_INL_H_
#endif

#include <algorithm>

#include "kernels/attention.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// A tile of scores, its two position terms and the value rows it needs stay in a 1 MB second-level cache
/// with room for the table: 64 x 64 scores are 16 KB, 64 value rows of 64 another 16 KB.
inline constexpr std::size_t kQueryTile = 64;
inline constexpr std::size_t kKeyTile = 64;
/// Rows that share one window of the relative table: g rows against a tile of 64 need g + 63 table rows, so
/// small groups waste little; 16 are two register tiles.
inline constexpr std::size_t kGroup = 16;
inline constexpr std::size_t kScoreStride = kKeyTile + kSlack;

constexpr std::size_t padded(std::size_t count) {
  return (count + kSlack - 1) / kSlack * kSlack + kSlack;
}
constexpr std::size_t sum_stride(const AttentionTask& task) {
  return padded(task.head_size);
}

/// Rows of words.
struct RowWords {
  const std::uint32_t* data = nullptr;
  std::size_t stride = 0;
  RowWords from(std::size_t row) const { return {data + row * stride, stride}; }
};

/// Keys and values of the whole sequence in the form that the products take.
struct PackedInputs {
  std::size_t head_words;
  RowWords keys;    // [key_count, head_words], left factor of K Qr^T
  RowWords values;  // [key_count / per_word, head_size], right factor of the mixture
};

template <class T>
void grow(AlignedBuffer<T>& buffer, std::size_t size) {
  if (buffer.size() >= size) return;
  buffer = AlignedBuffer<T>(size);
  std::fill_n(buffer.data(), size, T(0));
}

inline RowWords as_words(const float* x, std::size_t stride) {
  return {reinterpret_cast<const std::uint32_t*>(x), stride};
}

/// [rows, head_size] floats -> [rows, head words] of bf16.
inline RowWords rows_to_bf16(const float* x, std::size_t stride, std::size_t rows, std::size_t head_size,
                             AlignedBuffer<std::uint32_t>& out) {
  const std::size_t words = words_of(head_size, Format::bf16);
  convert_rows({.x = x,
                .x_stride = stride,
                .rows = rows,
                .columns = head_size,
                .format = Format::bf16,
                .out = out.data(),
                .out_stride = words,
                .scales = nullptr});
  return {out.data(), words};
}

/// out[w, k] = rows[k, w]; a cache line of each transposed row at a time.
inline void transpose(const RowWords& rows, std::size_t count, std::size_t words,
                      AlignedBuffer<std::uint32_t>& out) {
  const std::size_t stride = padded(count);
  for (std::size_t k0 = 0; k0 < count; k0 += kSlack) {
    const std::size_t k1 = std::min(k0 + kSlack, count);
    for (std::size_t w = 0; w < words; ++w) {
      for (std::size_t k = k0; k < k1; ++k) out[w * stride + k] = rows.data[k * rows.stride + w];
    }
  }
}

/// V with two keys a word: (V[2k, i], V[2k + 1, i]).
inline RowWords pair_values(const AttentionTask& task, AlignedBuffer<std::uint32_t>& out) {
  const U32 d;
  const F32 df;
  const std::size_t stride = padded(task.head_size);
  for (std::size_t k = 0; k < task.key_count; k += 2) {
    const float* low = task.value + k * task.key_stride;
    const bool pair = k + 1 < task.key_count;
    std::uint32_t* to = out.data() + k / 2 * stride;
    for (std::size_t i = 0; i < task.head_size; i += hn::Lanes(d)) {
      const auto high = pair ? bf16_bits(hn::LoadU(df, low + task.key_stride + i)) : hn::Zero(d);
      hn::StoreU(hn::Or(bf16_bits(hn::LoadU(df, low + i)), hn::ShiftLeft<16>(high)), d, to + i);
    }
  }
  return {out.data(), stride};
}

inline PackedInputs pack_inputs(const AttentionTask& task, AttentionScratch& scratch) {
  const std::size_t head_words = words_of(task.head_size, task.format);
  grow(scratch.keys, head_words * padded(task.key_count));
  grow(scratch.scores, kQueryTile * kScoreStride);
  grow(scratch.positions, kSlack + kGroup * padded(std::max(kQueryTile, task.table_stride)));
  grow(scratch.sums, kQueryTile * sum_stride(task));
  grow(scratch.state, 2 * kQueryTile);
  PackedInputs packed{head_words, as_words(task.key, task.key_stride), as_words(task.value, task.key_stride)};
  if (task.format == Format::bf16) {
    grow(scratch.key_rows, task.key_count * head_words);
    grow(scratch.values, (task.key_count + 1) / 2 * padded(task.head_size));
    grow(scratch.queries, kQueryTile * head_words);
    grow(scratch.probabilities, kQueryTile * kKeyTile / 2);
    packed.keys = rows_to_bf16(task.key, task.key_stride, task.key_count, task.head_size, scratch.key_rows);
    packed.values = pair_values(task, scratch.values);
  }
  transpose(packed.keys, task.key_count, head_words, scratch.keys);
  return packed;
}

/// Queries [q0, q0 + count) as left factors.
inline RowWords query_rows(const AttentionTask& task, AttentionScratch& scratch, std::size_t q0,
                           std::size_t count) {
  const float* query = task.query + q0 * task.query_stride;
  if (task.format == Format::f32) return as_words(query, task.query_stride);
  return rows_to_bf16(query, task.query_stride, count, task.head_size, scratch.queries);
}

/// The tile's exponentials as left factors of the mixture.
inline RowWords probability_rows(const AttentionTask& task, AttentionScratch& scratch, std::size_t queries,
                                 std::size_t keys) {
  if (task.format == Format::f32) return as_words(scratch.scores.data(), kScoreStride);
  return rows_to_bf16(scratch.scores.data(), kScoreStride, queries, keys, scratch.probabilities);
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
