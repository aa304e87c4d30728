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

/// Values of the whole sequence in the form that the mixture takes; the keys go to scratch.keys.
struct PackedInputs {
  std::size_t head_words;
  RowWords values;  // [key_count or pairs of keys, head_size]
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

/// With bf16 the mixture sums over keys in pairs (k, k + kSlack) of blocks of 2 kSlack: two whole vectors of
/// probabilities then make one of words, with no exchange of lanes.
inline constexpr std::size_t kPairedKeys = 2 * kSlack;
constexpr std::size_t paired_words(std::size_t keys) {
  return (keys + kPairedKeys - 1) / kPairedKeys * kSlack;
}

/// V with two keys a word, zeros behind the last key.
inline RowWords pair_values(const AttentionTask& task, AlignedBuffer<std::uint32_t>& out) {
  const U32 d;
  const F32 df;
  const std::size_t stride = padded(task.head_size);
  const auto bits = [&](std::size_t k, std::size_t i) HWY_ATTR {
    return k < task.key_count ? bf16_bits(hn::LoadU(df, task.value + k * task.key_stride + i)) : hn::Zero(d);
  };
  for (std::size_t word = 0; word < paired_words(task.key_count); ++word) {
    const std::size_t k = word / kSlack * kPairedKeys + word % kSlack;
    for (std::size_t i = 0; i < task.head_size; i += hn::Lanes(d)) {
      const auto pair = hn::Or(bits(k, i), hn::ShiftLeft<16>(bits(k + kSlack, i)));
      hn::StoreU(pair, d, out.data() + word * stride + i);
    }
  }
  return {out.data(), stride};
}

inline PackedInputs pack_inputs(const AttentionTask& task, AttentionScratch& scratch) {
  const std::size_t head_words = words_of(task.head_size, task.format);
  grow(scratch.keys, head_words * padded(task.key_count));
  grow(scratch.scores, kQueryTile * kScoreStride);
  grow(scratch.positions, kSlack + kGroup * padded(std::max(kQueryTile, task.table_rows)));
  grow(scratch.sums, kQueryTile * sum_stride(task));
  grow(scratch.maxima, kQueryTile);
  grow(scratch.totals, kQueryTile * kSlack);
  PackedInputs packed{head_words, as_words(task.value, task.key_stride)};
  RowWords keys = as_words(task.key, task.key_stride);
  if (task.format == Format::bf16) {
    grow(scratch.key_rows, task.key_count * head_words);
    grow(scratch.values, paired_words(task.key_count) * padded(task.head_size));
    grow(scratch.queries, kQueryTile * head_words);
    grow(scratch.probabilities, kQueryTile * kKeyTile / 2);
    keys = rows_to_bf16(task.key, task.key_stride, task.key_count, task.head_size, scratch.key_rows);
    packed.values = pair_values(task, scratch.values);
  }
  transpose(keys, task.key_count, head_words, scratch.keys);
  return packed;
}

/// Queries [q0, q0 + count) as left factors.
inline RowWords query_rows(const AttentionTask& task, AttentionScratch& scratch, std::size_t q0,
                           std::size_t count) {
  const float* query = task.query + q0 * task.query_stride;
  if (task.format == Format::f32) return as_words(query, task.query_stride);
  return rows_to_bf16(query, task.query_stride, count, task.head_size, scratch.queries);
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
