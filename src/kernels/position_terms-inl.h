// Position terms of attention for training, compiled once per instruction set. Include guard toggled per
// target.
#if defined(BERTA_KERNELS_POSITION_TERMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTA_KERNELS_POSITION_TERMS_INL_H_
#undef BERTA_KERNELS_POSITION_TERMS_INL_H_
#else
#define BERTA_KERNELS_POSITION_TERMS_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/small_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

/// Queries and keys of a tile. 64 x 64 scores, their gradients and the two position terms, 64 x 128 each, are
/// 96 KB of floats: they stay in the second-level cache with the rows that they come from.
inline constexpr std::size_t kTrainingTile = 64;
/// Rows of scratch are whole vectors of the widest machine: 16 floats.
inline constexpr std::size_t kTrainingPad = 16;

constexpr std::size_t round_up(std::size_t count, std::size_t unit) {
  return (count + unit - 1) / unit * unit;
}

template <class T>
void clear(const VectorRows<T>& rows, std::size_t count, std::size_t columns) {
  for (std::size_t i = 0; i < count; ++i) std::fill_n(rows.row(i), columns, T(0));
}

/// Some keys against the loaded queries, and the rows of the table that their distances reach.
struct TrainingTile {
  std::size_t k0 = 0;
  std::size_t keys = 0;
  std::int64_t first_row = 0;  ///< of the table, counted from the first reachable one
  std::size_t rows = 0;
  std::int64_t lowest = 0;  ///< distance
  bool plain = false;       ///< row = first_row + distance - lowest
};

/// Between the scores of a tile, [queries, keys], and the terms of the table, which come by table row:
/// [queries, rows] for content to position, [keys, rows] for position to content.
template <class T>
class PositionTerms {
 public:
  struct Place {
    const std::int32_t* relative;   ///< row of the table for a distance; points at distance 0
    std::int32_t first_reached;     ///< the first row of the table that is in use
    const std::int32_t* positions;  ///< of the queries
    std::size_t queries;
  };
  PositionTerms(const TrainingTile& tile, const Place& place, const VectorRows<T>& terms)
      : tile_(tile), place_(place), terms_(terms) {}

  // In the plain case the column falls by one with each key, so a row is read (or written) backwards.

  void add_query_terms(const VectorRows<T>& out) const {
    for (std::size_t q = 0; q < place_.queries; ++q) {
      T* const row = out.row(q);
      const T* const terms = terms_.row(q);
      if (tile_.plain) {
        const T* const from = terms + term(distance(q, 0));
        for (std::size_t k = 0; k < tile_.keys; ++k) row[k] += *(from - k);
      } else {
        for (std::size_t k = 0; k < tile_.keys; ++k) row[k] += terms[term(distance(q, k))];
      }
    }
  }

  void add_key_terms(const VectorRows<T>& out) const {
    for (std::size_t q = 0; q < place_.queries; ++q) {
      T* const row = out.row(q);
      if (tile_.plain) {
        const T* const from = terms_.data + term(distance(q, 0));
        for (std::size_t k = 0; k < tile_.keys; ++k) row[k] += from[k * (terms_.stride - 1)];
      } else {
        for (std::size_t k = 0; k < tile_.keys; ++k) row[k] += terms_.row(k)[term(distance(q, k))];
      }
    }
  }

  void sum_by_query(const VectorRows<T>& g) const {
    for (std::size_t q = 0; q < place_.queries; ++q) {
      const T* const row = g.row(q);
      T* const terms = terms_.row(q);
      if (tile_.plain) {
        T* const to = terms + term(distance(q, 0));
        for (std::size_t k = 0; k < tile_.keys; ++k) *(to - k) = row[k];
      } else {
        for (std::size_t k = 0; k < tile_.keys; ++k) terms[term(distance(q, k))] += row[k];
      }
    }
  }

  void sum_by_key(const VectorRows<T>& g) const {
    for (std::size_t q = 0; q < place_.queries; ++q) {
      const T* const row = g.row(q);
      if (tile_.plain) {
        // Queries may stand at one position twice, so this adds.
        T* const to = terms_.data + term(distance(q, 0));
        for (std::size_t k = 0; k < tile_.keys; ++k) to[k * (terms_.stride - 1)] += row[k];
      } else {
        for (std::size_t k = 0; k < tile_.keys; ++k) terms_.row(k)[term(distance(q, k))] += row[k];
      }
    }
  }

 private:
  /// Column of `terms_` for query q and key k0 + k.
  std::int64_t term(std::int64_t distance) const {
    return tile_.plain ? distance - tile_.lowest
                       : place_.relative[distance] - place_.first_reached - tile_.first_row;
  }
  std::int64_t distance(std::size_t q, std::size_t k) const {
    return place_.positions[q] - static_cast<std::int64_t>(tile_.k0 + k);
  }

  const TrainingTile& tile_;
  const Place place_;
  const VectorRows<T> terms_;
};

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
