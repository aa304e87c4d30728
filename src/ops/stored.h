#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

#include "core/error.h"
#include "core/tensor_view.h"

namespace berta::ops {

/// A parameter where it lies in a checkpoint (usually a mapped file); converted and checked as it is read.
struct Stored {
  TensorView view;
  std::string name;         ///< "FILE: tensor 'NAME'", for messages
  std::int64_t first = 0;   ///< element of the tensor at which the parameter begins
  std::int64_t run = 0;     ///< elements of it that lie together
  std::int64_t period = 0;  ///< from one run to the next: V1 interleaves query, key and value head by head
};

/// True if all numbers are finite; without a branch a number, so that compilers vectorise it.
template <class T>
bool all_finite(std::span<const T> numbers) {
  using Bits = std::conditional_t<sizeof(T) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;
  constexpr auto kInfinity = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
  Bits largest = 0;
  for (const T number : numbers) {
    largest = std::max(largest, static_cast<Bits>(std::bit_cast<Bits>(number) & (~Bits{0} >> 1)));
  }
  return largest < kInfinity;
}

/// Elements [first, first + out.size()) of the parameter. Throws UserError for a NaN or an infinity.
template <class T>
void read(const Stored& stored, std::int64_t first, std::span<T> out) {
  for (std::size_t done = 0; done < out.size();) {
    const std::int64_t at = first + static_cast<std::int64_t>(done);
    const std::int64_t within = at % stored.run;
    const auto count = std::min(out.size() - done, static_cast<std::size_t>(stored.run - within));
    convert(stored.view, stored.first + at / stored.run * stored.period + within, out.subspan(done, count));
    done += count;
  }
  if (all_finite(std::span<const T>(out))) return;
  const auto bad = std::find_if(out.begin(), out.end(), [](T number) { return !std::isfinite(number); });
  throw UserError(stored.name + ": expected finite numbers, found NaN or infinity at element " +
                  std::to_string(first + (bad - out.begin())));
}

}  // namespace berta::ops
