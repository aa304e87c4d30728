#include "core/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace berta {
namespace {

TEST(Utf8, FindsTheFirstInvalidByte) {
  EXPECT_EQ(find_invalid_utf8("abc"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("a\xC3\xA9\xF0\x9F\xA5\xB3"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("ab\xFF"), 2u);
  EXPECT_EQ(find_invalid_utf8("\xC0\x80"), 0u);          // overlong
  EXPECT_EQ(find_invalid_utf8("a\xED\xA0\x80"), 1u);     // surrogate
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0u);  // above U+10FFFF
  EXPECT_EQ(find_invalid_utf8("ab\xE2\x82"), 2u);        // cut short
}

TEST(Utf8, EncodesWhatItDecodes) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& values) {
    std::u32string text;
    for (const auto value : values) {
      const char32_t c = value % 0x110000;
      text.push_back(c >= 0xD800 && c < 0xE000 ? U'x' : c);
    }
    const std::string bytes = encode_utf8(text);
    RC_ASSERT(find_invalid_utf8(bytes) == std::nullopt);
    RC_ASSERT(decode_utf8(bytes) == text);
  }));
}

}  // namespace
}  // namespace berta
