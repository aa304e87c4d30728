#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace berta::io {

/// CRC-32C (Castagnoli; RFC 3720), the checksum of what is written in pieces.
class Crc32c {
 public:
  void update(std::span<const std::byte> bytes);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xFFFFFFFF;
};

/// Of bytes that are there at once.
std::uint32_t crc32c(std::span<const std::byte> bytes);

}  // namespace berta::io
