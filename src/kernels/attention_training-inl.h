// What the forward and the backward pass of one head share, compiled once per instruction set. Include guard
// toggled per target.
#if defined(BERTA_KERNELS_ATTENTION_TRAINING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_ATTENTION_TRAINING_INL_H_
#undef BERTA_KERNELS_ATTENTION_TRAINING_INL_H_
#else
#define BERTA_KERNELS_ATTENTION_TRAINING_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <array>

#include "kernels/attention_training.h"
#include "kernels/position_terms-inl.h"
#include "kernels/small_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

template <class D>
HWY_INLINE hn::Vec<D> exponential(D d, hn::Vec<D> x) {
  return hn::Exp(d, x);
}

/// A tile's keys: which they are among those of the sequence, and where they stand.
struct KeyTile {
  std::size_t first = 0;
  TileSide side;
};

/// Buffers, packed inputs and the scores of one head. Rows are copied to whole vectors; queries and Qr are
/// scaled.
template <class T>
class TrainingHead {
 public:
  TrainingHead(const TrainingAttention<T>& task, TrainingScratch<T>& scratch,
               const AttentionGradient<T>& gradient)
      : task_(task), gradient_(gradient), head_(round_up(task.head_size, kTrainingPad)) {
    for (const AttentionSequence& sequence : task.sequences) {
      most_keys_ = std::max(most_keys_, sequence.key_count);
      if (sequence.key_count == 0) continue;
      cover(task.query_positions + sequence.first_query, sequence.query_count);
      cover(task.key_positions + sequence.first_key, sequence.key_count);
    }
    make_room(scratch);
  }

  const TrainingAttention<T>& task() const { return task_; }
  const AttentionSequence& sequence() const { return sequence_; }
  std::size_t padded_head() const { return head_; }

  /// Packs the tables: a row for each distance, Kr's as distances fall, Qr's as they rise.
  void begin() {
    pack_table(task_.position_key, -1, T(1), key_table_);
    pack_table(task_.position_query, 1, task_.scale, query_table_);
  }

  /// Packs keys and values.
  void begin_sequence(const AttentionSequence& sequence) {
    sequence_ = sequence;
    const T* key = task_.key + sequence.first_key * task_.key_stride;
    const T* value = task_.value + sequence.first_key * task_.key_stride;
    copy(key, task_.key_stride, sequence.key_count, keys_);
    copy(value, task_.key_stride, sequence.key_count, values_);
    pack_transposed(keys_, sequence.key_count, keys_transposed_);
    if (gradient_.d_out == nullptr) return;
    pack_transposed(values_, sequence.key_count, values_transposed_);
    clear(d_keys_, sequence.key_count, head_);
    clear(d_values_, sequence.key_count, head_);
  }

  /// Loads a tile of queries; returns how many.
  std::size_t load_queries(std::size_t q0) {
    query_count_ = std::min(kTrainingTile, sequence_.query_count - q0);
    first_query_ = sequence_.first_query + q0;
    copy(task_.query + first_query_ * task_.query_stride, task_.query_stride, query_count_, queries_);
    for (std::size_t q = 0; q < query_count_; ++q) {
      for (std::size_t i = 0; i < task_.head_size; ++i) queries_.row(q)[i] *= task_.scale;
    }
    query_side_ = TileSide::at(task_.query_positions + first_query_, query_count_);
    return query_count_;
  }

  void load_out_gradients() {
    const std::size_t at = first_query_ * task_.query_stride;
    copy(gradient_.d_out + at, task_.query_stride, query_count_, d_out_);
    for (std::size_t q = 0; q < query_count_; ++q) {
      const T* out = task_.out + at + q * task_.query_stride;
      T sum = 0;
      for (std::size_t i = 0; i < task_.head_size; ++i) sum += out[i] * d_out_.row(q)[i];
      means_[q] = sum;
    }
  }

  /// Keys from k0 on.
  KeyTile tile(std::size_t k0) const {
    const std::size_t count = std::min(kTrainingTile, sequence_.key_count - k0);
    return {k0, TileSide::at(task_.key_positions + sequence_.first_key + k0, count)};
  }

  /// S of the tile, to `out`.
  void scores(const KeyTile& tile, const VectorRows<T>& out) {
    const auto& [k0, keys] = tile;
    const std::size_t head = task_.head_size;
    clear(out, query_count_, round_up(keys.count, kTrainingPad));
    add_product<T>({queries_.data, queries_.stride, 1}, keys_transposed_.from(0, k0), out, query_count_,
                   keys.count, head);
    if (task_.position_key != nullptr) key_table_.add_terms(queries_, query_side_, keys, head, out);
    if (task_.position_query == nullptr) return;
    clear(by_key_, keys.count, kTrainingTile);
    query_table_.add_terms(keys_.from(k0), keys, query_side_, head, by_key_);
    transpose(by_key_, keys.count, query_count_, by_query_);
    add_lines(by_query_, query_count_, keys.count, out);
  }

  /// The scores of a query that are kept, [key_count], or null.
  T* kept_scores(std::size_t query) const {
    if (task_.scores == nullptr || !sequence_.keeps_scores()) return nullptr;
    return task_.scores + sequence_.first_score + query * sequence_.key_count;
  }

  /// S of the tile for queries from q0 on, to `out`, if it was kept.
  bool load_scores(const KeyTile& tile, std::size_t q0, const VectorRows<T>& out) const {
    if (kept_scores(q0) == nullptr) return false;
    for (std::size_t q = 0; q < query_count_; ++q)
      std::copy_n(kept_scores(q0 + q) + tile.first, tile.side.count, out.row(q));
    return true;
  }

  /// The gradients that go through the tables, of G = dS.
  void position_gradients(const KeyTile& tile, const VectorRows<T>& g, const VectorRows<T>& d_query) {
    const auto& [k0, keys] = tile;
    if (task_.position_key != nullptr)
      key_table_.add_gradients(g, queries_, query_side_, keys, head_, d_query);
    if (task_.position_query == nullptr) return;
    transpose(g, query_count_, keys.count, by_key_);
    query_table_.add_gradients(by_key_, keys_.from(k0), keys, query_side_, head_, key_gradients(k0));
  }

  /// Multipliers of the dropout for elements [first_key, first_key + count) of a query's row.
  void multipliers(T* out, std::size_t count, std::size_t query, std::size_t first_key) const {
    if (!task_.dropout.active()) return std::fill_n(out, count, T(1)), void();
    const Dropout row = task_.dropout.of(sequence_.first_query + query);
    const auto low = static_cast<std::uint32_t>(row.key);
    const auto high = static_cast<std::uint32_t>(row.key >> 32);
    const auto first = static_cast<std::uint32_t>(first_key);
    const T kept = static_cast<T>(row.scale());
    for (std::uint32_t k = 0; k < static_cast<std::uint32_t>(count); ++k) {
      out[k] = element_hash(low, high, first + k) < row.threshold ? T(0) : kept;
    }
  }

  /// row *= multipliers * factor.
  void drop(T* row, std::size_t count, std::size_t query, std::size_t first_key, T factor) {
    for (std::size_t k0 = 0; k0 < count; k0 += kTrainingTile) {
      const std::size_t part = std::min(kTrainingTile, count - k0);
      multipliers(line_, part, query, first_key + k0);
      for (std::size_t k = 0; k < part; ++k) row[k0 + k] *= line_[k] * factor;
    }
  }

  T& log_sum(std::size_t q) { return task_.log_sums[first_query_ + q]; }
  T mean_product(std::size_t q) const { return means_[q]; }
  VectorRows<T> strip() const { return strip_; }
  VectorRows<T> tile_rows(std::size_t which) const { return tiles_[which]; }
  T* multiplier_line() const { return line_; }
  VectorRows<T> queries() const { return queries_; }
  VectorRows<T> keys() const { return keys_; }
  VectorRows<T> values() const { return values_; }
  VectorRows<T> values_transposed() const { return values_transposed_; }
  VectorRows<T> out_gradient_rows() const { return d_out_; }
  Elements<T> out_gradients() const { return {d_out_.data, d_out_.stride, 1}; }
  VectorRows<T> key_gradients(std::size_t k0) const { return d_keys_.from(k0); }
  VectorRows<T> value_gradients(std::size_t k0) const { return d_values_.from(k0); }
  VectorRows<T> cleared_sums() const {
    clear(sums_, query_count_, head_);
    return sums_;
  }

  void store_out(const VectorRows<T>& rows) const {
    store(rows, query_count_, T(1), task_.out + first_query_ * task_.query_stride, task_.query_stride);
  }
  void store_query_gradients(const VectorRows<T>& rows) const {
    store(rows, query_count_, task_.scale, gradient_.d_query + first_query_ * task_.query_stride,
          task_.query_stride);
  }
  void store_key_gradients() const {
    const std::size_t at = sequence_.first_key * task_.key_stride;
    store(d_keys_, sequence_.key_count, T(1), gradient_.d_key + at, task_.key_stride);
    store(d_values_, sequence_.key_count, T(1), gradient_.d_value + at, task_.key_stride);
  }
  void add_table_gradients() const {
    add_table(key_table_, -1, T(1), gradient_.d_position_key);
    add_table(query_table_, 1, task_.scale, gradient_.d_position_query);
  }

 private:
  void cover(const std::int32_t* positions, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      reach_ = std::max(reach_, static_cast<std::size_t>(positions[i]) + 1);
  }

  void make_room(TrainingScratch<T>& scratch) {
    // Twice: how much, then where. One block, so that a thread allocates once.
    for (const bool counting : {true, false}) {
      std::size_t used = 0;
      const auto take = [&](std::size_t rows, std::size_t columns) {
        const std::size_t stride = round_up(columns, kTrainingPad) + kTrainingPad;
        T* const at = counting ? nullptr : scratch.buffer.data() + used;
        used += rows * stride;
        return VectorRows<T>{at, stride};
      };
      const bool backward = gradient_.d_out != nullptr;
      keys_ = take(most_keys_, head_);
      values_ = take(most_keys_, head_);
      keys_transposed_ = take(task_.head_size, most_keys_ + kTrainingTile);
      values_transposed_ = take(backward ? task_.head_size : 0, most_keys_ + kTrainingTile);
      d_keys_ = take(backward ? most_keys_ : 0, head_);
      d_values_ = take(backward ? most_keys_ : 0, head_);
      queries_ = take(kTrainingTile, head_);
      d_out_ = take(kTrainingTile, head_);
      sums_ = take(kTrainingTile, head_);
      take_table(task_.position_key, key_table_, take);
      take_table(task_.position_query, query_table_, take);
      key_table_.terms = query_table_.terms = take(1, PositionTable<T>::terms_size(reach_)).data;
      by_key_ = take(kTrainingTile, kTrainingTile);
      by_query_ = take(kTrainingTile, kTrainingTile);
      strip_ = take(backward ? 0 : kTrainingTile, most_keys_ + kTrainingTile);
      for (auto& tile : tiles_) tile = take(kTrainingTile, kTrainingTile);
      line_ = take(1, kTrainingTile).data;
      means_ = take(1, kTrainingTile).data;
      if (counting && scratch.buffer.size() < used) scratch.buffer = AlignedBuffer<T>(used);
    }
  }

  void copy(const T* from, std::size_t stride, std::size_t rows, const VectorRows<T>& to) const {
    for (std::size_t i = 0; i < rows; ++i) {
      std::copy_n(from + i * stride, task_.head_size, to.row(i));
      std::fill(to.row(i) + task_.head_size, to.row(i) + head_, T(0));
    }
  }

  /// Zeros from `count` to two vectors' end: a tile may begin anywhere.
  void pack_transposed(const VectorRows<T>& from, std::size_t count, const VectorRows<T>& to) const {
    transpose(from, count, task_.head_size, to);
    const std::size_t end = round_up(count, kTrainingPad) + kTrainingPad;
    for (std::size_t i = 0; i < task_.head_size; ++i) std::fill(to.row(i) + count, to.row(i) + end, T(0));
  }

  template <class Take>
  void take_table(const T* given, PositionTable<T>& table, const Take& take) const {
    const bool backward = gradient_.d_out != nullptr;
    const std::size_t rows = given == nullptr || reach_ == 0 ? 0 : distances();
    table.origin = static_cast<std::int64_t>(reach_) - 1;
    table.rows = take(rows, head_);
    table.gradients = take(backward ? rows : 0, head_);
    table.transposed = take(task_.head_size, rows + kTrainingPad);
  }

  std::size_t distances() const { return 2 * reach_ - 1; }

  /// Row of the given table for row i of `table`, whose distances fall or rise.
  std::size_t given_row(const PositionTable<T>& table, std::int64_t direction, std::size_t i) const {
    return static_cast<std::size_t>(
        task_.relative[direction * (static_cast<std::int64_t>(i) - table.origin)]);
  }

  void pack_table(const T* given, std::int64_t direction, T factor, const PositionTable<T>& table) const {
    if (given == nullptr || reach_ == 0) return;
    for (std::size_t i = 0; i < distances(); ++i) {
      const T* const from = given + given_row(table, direction, i) * task_.table_stride;
      T* const to = table.rows.row(i);
      for (std::size_t j = 0; j < task_.head_size; ++j) to[j] = from[j] * factor;
      std::fill(to + task_.head_size, to + head_, T(0));
    }
    pack_transposed(table.rows, distances(), table.transposed);
    if (gradient_.d_out != nullptr) clear(table.gradients, distances(), head_);
  }

  static void add_lines(const VectorRows<T>& from, std::size_t rows, std::size_t columns,
                        const VectorRows<T>& to) {
    const hn::ScalableTag<T> d;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; c += hn::Lanes(d))
        hn::StoreU(hn::Add(hn::LoadU(d, to.row(r) + c), hn::LoadU(d, from.row(r) + c)), d, to.row(r) + c);
    }
  }

  void store(const VectorRows<T>& rows, std::size_t count, T factor, T* to, std::size_t stride) const {
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t i = 0; i < task_.head_size; ++i) to[r * stride + i] = rows.row(r)[i] * factor;
    }
  }

  void add_table(const PositionTable<T>& table, std::int64_t direction, T factor, T* to) const {
    if (to == nullptr || reach_ == 0) return;
    for (std::size_t i = 0; i < distances(); ++i) {
      T* const row = to + given_row(table, direction, i) * task_.table_stride;
      for (std::size_t j = 0; j < task_.head_size; ++j) row[j] += table.gradients.row(i)[j] * factor;
    }
  }

  const TrainingAttention<T>& task_;
  const AttentionGradient<T> gradient_;
  std::size_t head_;
  std::size_t most_keys_ = 0;
  std::size_t reach_ = 0;  // all positions are below it
  AttentionSequence sequence_;
  std::size_t query_count_ = 0;
  std::size_t first_query_ = 0;
  TileSide query_side_;
  VectorRows<T> keys_, values_, keys_transposed_, values_transposed_, d_keys_, d_values_;
  VectorRows<T> queries_, d_out_, sums_;
  PositionTable<T> key_table_, query_table_;
  VectorRows<T> by_key_, by_query_;  // a tile, [keys, queries] and [queries, keys]
  VectorRows<T> strip_;
  std::array<VectorRows<T>, 2> tiles_;
  T* line_ = nullptr;
  T* means_ = nullptr;
};

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
