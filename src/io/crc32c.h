#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace berta::io {

/// CRC-32C (Castagnoli; RFC 3720, B.4), as TFRecord, Snappy frames and iSCSI use it. `seed` is the value of
/// the bytes before, so that crc32c(b, crc32c(a)) is that of a and b behind one another.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0);

}  // namespace berta::io
