#include "io/crc32c.h"

#include <array>

namespace berta::io {
namespace {

constexpr std::size_t kSlices = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, kSlices>;

/// Table k has the remainder of a byte that k zero bytes follow.
constexpr Tables make_tables() {
  constexpr std::uint32_t kPolynomial = 0x82f63b78;  // Castagnoli's, bits reversed
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = value;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = (before >> 8) ^ tables[0][before & 255];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) {
  std::uint32_t value = ~seed;
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(bytes[i]); };
  // Eight bytes a step (slicing by 8): their tables are looked up side by side instead of one after the
  // other.
  for (; bytes.size() >= kSlices; bytes = bytes.subspan(kSlices)) {
    value ^= at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24;
    value = kTables[7][value & 255] ^ kTables[6][(value >> 8) & 255] ^ kTables[5][(value >> 16) & 255] ^
            kTables[4][value >> 24] ^ kTables[3][at(4)] ^ kTables[2][at(5)] ^ kTables[1][at(6)] ^
            kTables[0][at(7)];
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) value = (value >> 8) ^ kTables[0][(value ^ at(i)) & 255];
  return ~value;
}

}  // namespace berta::io
