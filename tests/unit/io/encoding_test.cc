#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <span>
#include <string>
#include <string_view>

#include "io/crc32c.h"
#include "io/xml_text.h"

namespace berta::io {
namespace {

std::uint32_t crc_of(std::string_view text, std::uint32_t seed = 0) {
  return crc32c(std::as_bytes(std::span(text)), seed);
}

TEST(Crc32c, PublishedVectors) {
  EXPECT_EQ(crc_of(""), 0u);
  EXPECT_EQ(crc_of("123456789"), 0xe3069283u);  // the check value of the catalogues
  // RFC 3720, B.4
  EXPECT_EQ(crc_of(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc_of(std::string(32, '\xff')), 0x62a8ab43u);
  std::string ascending(32, 0);
  for (std::size_t i = 0; i < 32; ++i) ascending[i] = static_cast<char>(i);
  EXPECT_EQ(crc_of(ascending), 0x46dd794eu);
  EXPECT_EQ(crc_of(std::string(ascending.rbegin(), ascending.rend())), 0x113fdb5cu);
}

TEST(Crc32c, OfPartsIsThatOfTheWhole) {
  EXPECT_TRUE(rc::check(
      [](const std::string& a, const std::string& b) { RC_ASSERT(crc_of(b, crc_of(a)) == crc_of(a + b)); }));
}

TEST(XmlText, EscapesMarkupAndReplacesWhatIsNoCharacter) {
  EXPECT_EQ(xml_text("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c'");
  EXPECT_EQ(xml_text("\xc3\xa9"), "\xc3\xa9");
  EXPECT_EQ(xml_text("a\xff"), "a\xef\xbf\xbd");
  EXPECT_EQ(xml_text(std::string_view("\x01\0", 2)), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(xml_text("\xef\xbf\xbf"), "\xef\xbf\xbd");  // U+FFFF
}

}  // namespace
}  // namespace berta::io
