#include "io/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

namespace berta::io {
namespace {

constexpr std::size_t kSlices = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, kSlices>;

/// tables[s][b]: what byte b, with s zero bytes behind it, does to the checksum.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t b = 0; b < 256; ++b) {
    std::uint32_t x = b;
    for (int bit = 0; bit < 8; ++bit) x = x >> 1 ^ (x & 1 ? 0x82F63B78u : 0u);
    tables[0][b] = x;
  }
  for (std::size_t s = 1; s < kSlices; ++s) {
    for (std::size_t b = 0; b < 256; ++b) {
      const std::uint32_t x = tables[s - 1][b];
      tables[s][b] = x >> 8 ^ tables[0][x & 255];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

void Crc32c::update(std::span<const std::byte> bytes) {
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t x = state_;
  while (bytes.size() >= kSlices) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    word ^= x;
    x = 0;
    for (std::size_t s = 0; s < kSlices; ++s) x ^= kTables[kSlices - 1 - s][word >> (8 * s) & 255];
    bytes = bytes.subspan(kSlices);
  }
  for (const std::byte b : bytes) x = x >> 8 ^ kTables[0][(x ^ static_cast<std::uint32_t>(b)) & 255];
  state_ = x;
}

std::uint32_t crc32c(std::span<const std::byte> bytes) {
  Crc32c sum;
  sum.update(bytes);
  return sum.value();
}

}  // namespace berta::io
