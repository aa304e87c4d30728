#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace berta::io {

/// The little-endian number at `offset`, or nothing where the bytes end before.
template <class T>
requires std::is_arithmetic_v<T> std::optional<T> read_number(std::span<const std::byte> bytes,
                                                              std::size_t offset) {
  static_assert(std::endian::native == std::endian::little);
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

/// `size` bytes from `offset`, or nothing where that goes beyond the end.
inline std::optional<std::span<const std::byte>> read_bytes(std::span<const std::byte> bytes,
                                                            std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

}  // namespace berta::io
