#include "io/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace berta::io {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// The check value of the CRC catalogues, and the examples of RFC 3720, B.4.
TEST(Crc32c, GivesTheKnownAnswers) {
  EXPECT_EQ(crc32c({}), 0u);
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283u);
  EXPECT_EQ(crc32c(bytes_of(std::string(32, '\0'))), 0x8A9136AAu);
  EXPECT_EQ(crc32c(bytes_of(std::string(32, '\xff'))), 0x62A8AB43u);
}

TEST(Crc32c, DoesNotDependOnThePieces) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * i + i / 7);
  for (std::size_t piece = 1; piece < 40; ++piece) {
    Crc32c sum;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      sum.update(bytes_of(std::string_view(text).substr(at, piece)));
    }
    EXPECT_EQ(sum.value(), crc32c(bytes_of(text))) << piece;
  }
}

}  // namespace
}  // namespace berta::io
