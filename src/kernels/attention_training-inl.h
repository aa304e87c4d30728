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
    }
    find_reach();
    make_room(scratch);
  }

  const TrainingAttention<T>& task() const { return task_; }
  const AttentionSequence& sequence() const { return sequence_; }
  std::size_t padded_head() const { return head_; }

  /// Packs the tables.
  void begin() {
    pack_table(task_.position_key, T(1), kr_, kr_transposed_);
    pack_table(task_.position_query, task_.scale, qr_, qr_transposed_);
    if (gradient_.d_position_key != nullptr) clear(d_kr_, reach_, head_);
    if (gradient_.d_position_query != nullptr) clear(d_qr_, reach_, head_);
  }

  /// Packs keys and values.
  void begin_sequence(const AttentionSequence& sequence) {
    sequence_ = sequence;
    const T* key = task_.key + sequence.first_key * task_.key_stride;
    const T* value = task_.value + sequence.first_key * task_.key_stride;
    copy(key, task_.key_stride, sequence.key_count, keys_);
    copy(value, task_.key_stride, sequence.key_count, values_);
    transpose(keys_, sequence.key_count, keys_transposed_);
    if (gradient_.d_out == nullptr) return;
    transpose(values_, sequence.key_count, values_transposed_);
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
    positions_ = task_.query_positions + first_query_;
    const auto [low, high] = std::minmax_element(positions_, positions_ + query_count_);
    lowest_position_ = *low;
    highest_position_ = *high;
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

  TrainingTile tile(std::size_t k0) const {
    TrainingTile tile{.k0 = k0, .keys = std::min(kTrainingTile, sequence_.key_count - k0)};
    if (reach_ == 0) return tile;
    tile.lowest = lowest_position_ - static_cast<std::int64_t>(k0 + tile.keys - 1);
    const std::int64_t highest = highest_position_ - static_cast<std::int64_t>(k0);
    const auto [low, high] = std::minmax_element(task_.relative + tile.lowest, task_.relative + highest + 1);
    tile.first_row = *low - first_reached_;
    tile.rows = static_cast<std::size_t>(*high - *low + 1);
    // Rows never fall by more than one range holds, so as many rows as distances, lowest first, is one row
    // each.
    tile.plain =
        static_cast<std::int64_t>(tile.rows) == highest - tile.lowest + 1 && one_apart(tile.lowest, highest);
    return tile;
  }

  /// S of the tile, to `out`.
  void scores(const TrainingTile& tile, const VectorRows<T>& out) {
    clear(out, query_count_, round_up(tile.keys, kTrainingPad));
    add_product<T>({queries_.data, queries_.stride, 1}, keys_transposed_.from(0, tile.k0), out, query_count_,
                   tile.keys, task_.head_size);
    const std::size_t columns = round_up(tile.rows, kTrainingPad);
    if (task_.position_key != nullptr) {
      clear(terms_, query_count_, columns);
      add_product<T>({queries_.data, queries_.stride, 1}, table_columns(kr_transposed_, tile), terms_,
                     query_count_, tile.rows, task_.head_size);
      terms_of(tile).add_query_terms(out);
    }
    if (task_.position_query != nullptr) {
      const VectorRows<T> keys = keys_.from(tile.k0);
      clear(terms_, tile.keys, columns);
      add_product<T>({keys.data, keys.stride, 1}, table_columns(qr_transposed_, tile), terms_, tile.keys,
                     tile.rows, task_.head_size);
      terms_of(tile).add_key_terms(out);
    }
  }

  /// The gradients that go through the table, of G = dS.
  void position_gradients(const TrainingTile& tile, const VectorRows<T>& g, const VectorRows<T>& d_query) {
    const std::size_t columns = round_up(tile.rows, kTrainingPad);
    const auto first = static_cast<std::size_t>(tile.first_row);
    const Elements<T> sums{terms_.data, terms_.stride, 1};
    if (task_.position_key != nullptr) {
      clear(terms_, query_count_, columns);
      terms_of(tile).sum_by_query(g);
      add_product<T>(sums, kr_.from(first), d_query, query_count_, head_, tile.rows);
      add_product<T>(sums.transposed(), queries_, d_kr_.from(first), tile.rows, head_, query_count_);
    }
    if (task_.position_query != nullptr) {
      clear(terms_, tile.keys, columns);
      terms_of(tile).sum_by_key(g);
      add_product<T>(sums, qr_.from(first), key_gradients(tile.k0), tile.keys, head_, tile.rows);
      add_product<T>(sums.transposed(), keys_.from(tile.k0), d_qr_.from(first), tile.rows, head_, tile.keys);
    }
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
    add_table(d_kr_, T(1), gradient_.d_position_key);
    add_table(d_qr_, task_.scale, gradient_.d_position_query);
  }

 private:
  PositionTerms<T> terms_of(const TrainingTile& tile) const {
    return {tile, {task_.relative, first_reached_, positions_, query_count_}, terms_};
  }

  void find_reach() {
    if ((task_.position_key == nullptr && task_.position_query == nullptr) || most_keys_ == 0) return;
    const auto last = static_cast<std::int64_t>(most_keys_) - 1;
    const auto [low, high] = std::minmax_element(task_.relative - last, task_.relative + last + 1);
    first_reached_ = *low;
    reach_ = static_cast<std::size_t>(*high - *low + 1);
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
      kr_ = take(reach_, head_);
      qr_ = take(reach_, head_);
      d_kr_ = take(backward ? reach_ : 0, head_);
      d_qr_ = take(backward ? reach_ : 0, head_);
      kr_transposed_ = take(task_.head_size, reach_ + kTrainingPad);
      qr_transposed_ = take(task_.head_size, reach_ + kTrainingPad);
      terms_ = take(kTrainingTile, reach_);
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

  void transpose(const VectorRows<T>& from, std::size_t rows, const VectorRows<T>& to) const {
    const std::size_t whole = round_up(rows, kTrainingPad);
    for (std::size_t i = 0; i < task_.head_size; ++i) {
      T* const line = to.row(i);
      for (std::size_t r = 0; r < rows; ++r) line[r] = from.row(r)[i];
      std::fill(line + rows, line + whole, T(0));
    }
  }

  void pack_table(const T* table, T factor, const VectorRows<T>& rows,
                  const VectorRows<T>& transposed) const {
    if (table == nullptr) return;
    copy(table + static_cast<std::size_t>(first_reached_) * task_.table_stride, task_.table_stride, reach_,
         rows);
    for (std::size_t r = 0; r < reach_; ++r) {
      for (std::size_t i = 0; i < task_.head_size; ++i) rows.row(r)[i] *= factor;
    }
    transpose(rows, reach_, transposed);
    // A tile's rows may begin anywhere, so its last vector may end one vector behind the table.
    const std::size_t whole = round_up(reach_, kTrainingPad);
    for (std::size_t i = 0; i < task_.head_size; ++i)
      std::fill_n(transposed.row(i) + whole, kTrainingPad, T(0));
  }

  void store(const VectorRows<T>& rows, std::size_t count, T factor, T* to, std::size_t stride) const {
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t i = 0; i < task_.head_size; ++i) to[r * stride + i] = rows.row(r)[i] * factor;
    }
  }

  void add_table(const VectorRows<T>& rows, T factor, T* to) const {
    if (to == nullptr) return;
    to += static_cast<std::size_t>(first_reached_) * task_.table_stride;
    for (std::size_t r = 0; r < reach_; ++r) {
      for (std::size_t i = 0; i < task_.head_size; ++i)
        to[r * task_.table_stride + i] += rows.row(r)[i] * factor;
    }
  }

  bool one_apart(std::int64_t low, std::int64_t high) const {
    for (std::int64_t distance = low; distance < high; ++distance) {
      if (task_.relative[distance + 1] != task_.relative[distance] + 1) return false;
    }
    return true;
  }

  VectorRows<T> table_columns(const VectorRows<T>& transposed, const TrainingTile& tile) const {
    return transposed.from(0, static_cast<std::size_t>(tile.first_row));
  }

  const TrainingAttention<T>& task_;
  const AttentionGradient<T> gradient_;
  std::size_t head_;
  std::size_t most_keys_ = 0;
  std::int32_t first_reached_ = 0;
  std::size_t reach_ = 0;  // rows of the table
  AttentionSequence sequence_;
  std::size_t query_count_ = 0;
  std::size_t first_query_ = 0;
  const std::int32_t* positions_ = nullptr;
  std::int64_t lowest_position_ = 0;
  std::int64_t highest_position_ = 0;
  VectorRows<T> keys_, values_, keys_transposed_, values_transposed_, d_keys_, d_values_;
  VectorRows<T> queries_, d_out_, sums_;
  VectorRows<T> kr_, qr_, d_kr_, d_qr_, kr_transposed_, qr_transposed_;
  VectorRows<T> terms_, strip_;
  std::array<VectorRows<T>, 2> tiles_;
  T* line_ = nullptr;
  T* means_ = nullptr;
};

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
