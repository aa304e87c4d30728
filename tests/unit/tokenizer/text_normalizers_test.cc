#include "tokenizer/text_normalizers.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

#include "core/utf8.h"
#include "tokenizer/aligned_text.h"
#include "tokenizer/base64.h"

namespace berta::tokenizer {
namespace {

AlignedText normalized(const Normalizer& normalizer, std::string_view text) {
  AlignedText aligned = align(text);
  normalizer.normalize(aligned);
  EXPECT_EQ(aligned.text.size(), aligned.origins.size());
  return aligned;
}

std::string text_of(const Normalizer& normalizer, std::string_view text) {
  return encode_utf8(normalized(normalizer, text).text);
}

TEST(BertNormalizer, CleansLowersStripsAndSetsIdeographsApart) {
  const BertNormalizer uncased;
  EXPECT_EQ(text_of(uncased, "H\xC3\x89LLO\tW\xC3\xB6rld"), "hello world");
  EXPECT_EQ(text_of(uncased, std::string_view("a\x00\xEF\xBF\xBD\x07z", 7)), "az");
  EXPECT_EQ(text_of(uncased, "a\xE5\xAD\x97z"), "a \xE5\xAD\x97 z");
  EXPECT_EQ(text_of(uncased, "\xC4\xB0"), "i");  // NFD takes the dot off
  EXPECT_EQ(text_of(BertNormalizer({.lowercase = false}), "H\xC3\x89\n"), "H\xC3\x89 ");
  EXPECT_EQ(text_of(BertNormalizer({.strip_accents = false}), "\xC3\x89"), "\xC3\xA9");
  EXPECT_EQ(text_of(BertNormalizer({.strip_accents = true, .lowercase = false}), "\xC3\x89"), "E");
  EXPECT_EQ(text_of(BertNormalizer({false, false, false, false}), "\x07\xE5\xAD\x97 A"),
            "\x07\xE5\xAD\x97 A");
}

TEST(BertNormalizer, CarriesRanges) {
  const AlignedText text = normalized(BertNormalizer(),
                                      "\x07"
                                      "A\xE5\xAD\x97\xC3\x89");
  EXPECT_EQ(text.text, U"a \u5B57 e");
  EXPECT_EQ(text.origins, (std::vector<Offset>{{1, 2}, {2, 3}, {2, 3}, {2, 3}, {3, 4}}));
}

TEST(BertNormalizer, AsciiGoesTheSameWayAsOtherText) {
  EXPECT_TRUE(rc::check([](std::uint8_t length, bool lower) {
    const std::string text = *rc::gen::container<std::string>(length, rc::gen::inRange<char>(0x20, 0x7F));
    const BertNormalizer normalizer({.lowercase = lower});
    RC_ASSERT(text_of(normalizer, text + "\xE2\x80\x94") == text_of(normalizer, text) + "\xE2\x80\x94");
  }));
}

TEST(Normalizers, RewriteTheirCharacters) {
  EXPECT_EQ(text_of(StripAccents(), "e\xCC\x81\xE0\xA4\xBE"), "e");
  EXPECT_EQ(text_of(NmtNormalizer(), "a\x01\tb\xE2\x80\x8B"), "a b ");
  EXPECT_EQ(text_of(PrependNormalizer(U"__"), "a"), "__a");
  EXPECT_EQ(text_of(PrependNormalizer(U"__"), ""), "");
  const ReplaceNormalizer replace(regex_pattern(" {2,}", "f"), U"<>");
  const AlignedText text = normalized(replace, "a   b c");
  EXPECT_EQ(text.text, U"a<>b c");
  EXPECT_EQ(text.origins[1], (Offset{3, 4}));
  EXPECT_EQ(text.origins[2], (Offset{3, 4}));
  EXPECT_EQ(text_of(ReplaceNormalizer(literal_pattern(U"a"), U""), "banana"), "bnn");
}

TEST(Base64, IsDecodedOrRefused) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("YQ=="), "a");
  EXPECT_EQ(decode_base64("YWI="), "ab");
  EXPECT_EQ(decode_base64("YWJj"), "abc");
  EXPECT_EQ(decode_base64("+/+/"), "\xFB\xFF\xBF");
  for (const char* bad : {"Y", "YQ=", "YQ==YQ==", "Y===", "====", "YW J", "YWJ\xC3"})
    EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace berta::tokenizer
