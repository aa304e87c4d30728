#include "tokenizer/unicode.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "core/utf8.h"
#include "tokenizer/aligned_text.h"
#include "tokenizer/normalizers.h"

namespace berta::tokenizer {
namespace {

std::size_t count(CodePointFlag flag) {
  std::size_t members = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) members += code_point_properties(c).has(flag) ? 1 : 0;
  return members;
}

TEST(CodePoints, SetsHaveTheSizesOfUnicode16) {
  EXPECT_EQ(count(CodePointFlag::white_space), 25u);
  EXPECT_EQ(count(CodePointFlag::letter), 141028u);
  EXPECT_EQ(count(CodePointFlag::number), 1911u);
}

TEST(CodePoints, WhiteSpaceIsTheProperty) {
  for (const char32_t c :
       {0x09, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x200A, 0x2028, 0x202F, 0x205F, 0x3000})
    EXPECT_TRUE(is_white_space(c)) << std::hex << static_cast<unsigned>(c);
  for (const char32_t c : {0x1C, 0x1F, 0x180E, 0x200B, 0xFEFF, 0x2581})
    EXPECT_FALSE(is_white_space(c)) << std::hex << static_cast<unsigned>(c);
}

TEST(CodePoints, SetsOfTheBertParts) {
  EXPECT_TRUE(is_bert_punctuation(U'$') && is_bert_punctuation(U'\u3002') && !is_bert_punctuation(U'\u20AC'));
  EXPECT_TRUE(is_punctuation(U'!') && !is_punctuation(U'$'));
  EXPECT_TRUE(is_bert_control(0) && is_bert_control(0xFFFD) && is_bert_control(0xAD) &&
              !is_bert_control(U'\t'));
  EXPECT_TRUE(is_bert_nonspacing_mark(0x301) && !is_bert_nonspacing_mark(0x903));
  EXPECT_TRUE(is_accent(0x903) && is_mark(0x903) && is_word_character(0x903) && is_word_character(U'_'));
  EXPECT_FALSE(is_word_character(U'-') || is_letter(U'1') || is_number(U'a'));
  EXPECT_EQ(code_point_properties(0x110000).flags, 0);
}

std::vector<std::size_t> clusters(std::u32string_view text) {
  std::vector<std::size_t> lengths;
  while (!text.empty()) {
    lengths.push_back(grapheme_length(text));
    text.remove_prefix(lengths.back());
  }
  return lengths;
}

using Lengths = std::vector<std::size_t>;

TEST(Graphemes, FollowTheRulesOfUax29) {
  EXPECT_EQ(clusters(U""), Lengths{});
  EXPECT_EQ(clusters(U"ab"), (Lengths{1, 1}));
  EXPECT_EQ(clusters(U"\r\n\n\r"), (Lengths{2, 1, 1}));                        // GB3-5
  EXPECT_EQ(clusters(U"a\u0301\u0323b"), (Lengths{3, 1}));                     // GB9
  EXPECT_EQ(clusters(U"\n\u0301"), (Lengths{1, 1}));                           // GB4
  EXPECT_EQ(clusters(U"\u1100\u1161\u11A8\u1100"), (Lengths{3, 1}));           // GB6-8
  EXPECT_EQ(clusters(U"\uAC00\u11A8\uAC01\u1161"), (Lengths{2, 1, 1}));        // LV T, LVT | V
  EXPECT_EQ(clusters(U"\u0600a"), (Lengths{2}));                               // GB9b
  EXPECT_EQ(clusters(U"\u0915\u0903"), (Lengths{2}));                          // GB9a
  EXPECT_EQ(clusters(U"\u0915\u094D\u0937"), (Lengths{3}));                    // GB9c
  EXPECT_EQ(clusters(U"\u0915\u094D\u200D\u0937"), (Lengths{4}));              // GB9c with a joiner
  EXPECT_EQ(clusters(U"\u0915\u093F\u0937"), (Lengths{2, 1}));                 // no linker
  EXPECT_EQ(clusters(U"\U0001F468\u200D\U0001F469"), (Lengths{3}));            // GB11
  EXPECT_EQ(clusters(U"\U0001F468\U0001F3FD\u200D\U0001F469"), (Lengths{4}));  // with a modifier
  EXPECT_EQ(clusters(U"a\u200D\U0001F469"), (Lengths{2, 1}));
  EXPECT_EQ(clusters(U"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7\U0001F1EE"), (Lengths{2, 2, 1}));  // GB12-13
}

std::string normalized(UnicodeNormalizer::Form form, std::string_view text) {
  AlignedText aligned = align(text);
  UnicodeNormalizer(form).normalize(aligned);
  return encode_utf8(aligned.text);
}

using Form = UnicodeNormalizer::Form;

TEST(Normalization, ComposesAndDecomposes) {
  EXPECT_EQ(normalized(Form::nfc, "e\u0301"), "\u00E9");
  EXPECT_EQ(normalized(Form::nfd, "\u00E9"), "e\u0301");
  EXPECT_EQ(normalized(Form::nfkc, "\uFB01\u00BD"), "fi1\u20442");
  EXPECT_EQ(normalized(Form::nfkd, "\u00C5\uFF21"), "A\u030AA");
  EXPECT_EQ(normalized(Form::nfc, "\u212B\u2126"), "\u00C5\u03A9");  // singletons
  EXPECT_EQ(normalized(Form::nfc, "\u0958"), "\u0915\u093C");        // excluded from composition
  EXPECT_EQ(normalized(Form::nfd, "\uAC01"), "\u1100\u1161\u11A8");
  EXPECT_EQ(normalized(Form::nfc, "\u1100\u1161\u11A8"), "\uAC01");
  EXPECT_EQ(normalized(Form::nfc, "\uAC00\u11A7"), "\uAC00\u11A7");
  EXPECT_EQ(normalized(Form::nfc, "a\u0323\u0302"), "\u1EAD");
  EXPECT_EQ(normalized(Form::nfc, "a\u0302\u0323"), "\u1EAD");         // reordered first
  EXPECT_EQ(normalized(Form::nfc, "\u0301\u0300a"), "\u0301\u0300a");  // no starter before
  EXPECT_EQ(normalized(Form::nfd, "plain"), "plain");
}

TEST(Normalization, LaterMarksHaveNoClass) {
  EXPECT_EQ(combining_class(0x301), 230);
  EXPECT_EQ(combining_class(0x323), 220);
  EXPECT_EQ(combining_class(0x94D), 9);
  EXPECT_EQ(combining_class(0x1DF6), 0);  // of Unicode 10
  EXPECT_EQ(combining_class(U'a'), 0);
}

RC_GTEST_PROP(Normalization, IsIdempotent, ()) {
  std::u32string text;
  for (const auto c :
       *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 0x3400)))
    text.push_back(c);
  const Form form = *rc::gen::element(Form::nfc, Form::nfd, Form::nfkc, Form::nfkd);
  const std::string once = normalized(form, encode_utf8(text));
  RC_ASSERT(normalized(form, once) == once);
}

TEST(LowerCase, IsFullAndWithoutContext) {
  const auto lowered = [](std::string_view text) {
    AlignedText aligned = align(text);
    LowercaseNormalizer().normalize(aligned);
    return aligned;
  };
  EXPECT_EQ(encode_utf8(lowered("ABC \u00DC\u03A3").text), "abc \u00FC\u03C3");
  const AlignedText dotted = lowered("x\u0130y");
  EXPECT_EQ(encode_utf8(dotted.text), "xi\u0307y");
  EXPECT_EQ(dotted.origins, (std::vector<Offset>{{0, 1}, {1, 2}, {1, 2}, {2, 3}}));
}

}  // namespace
}  // namespace berta::tokenizer
