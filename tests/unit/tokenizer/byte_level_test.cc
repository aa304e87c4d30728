#include "tokenizer/byte_level.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "core/utf8.h"
#include "tokenizer/aligned_text.h"

namespace berta::tokenizer {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  const std::u32string points = decode_utf8(text);
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < points.size();) {
    const std::size_t end = gpt2_word_end(points, begin);
    EXPECT_GT(end, begin);
    words.push_back(encode_utf8(std::u32string_view(points).substr(begin, end - begin)));
    begin = end;
  }
  return words;
}

using Words = std::vector<std::string>;

TEST(ByteLevel, AlphabetIsABijection) {
  std::set<char32_t> seen;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char32_t c = byte_to_character(static_cast<unsigned char>(byte));
    EXPECT_EQ(character_to_byte(c), byte);
    seen.insert(c);
  }
  EXPECT_EQ(seen.size(), 256u);
  EXPECT_EQ(byte_to_character(' '), U'\u0120');
  EXPECT_EQ(byte_to_character('\n'), U'\u010A');
  EXPECT_EQ(byte_to_character('a'), U'a');
  EXPECT_EQ(character_to_byte(U' '), std::nullopt);
  EXPECT_EQ(character_to_byte(0x10FFFF), std::nullopt);
}

TEST(Gpt2Words, FollowThePattern) {
  EXPECT_EQ(words_of("Hello my dog's 12 eyes!?"),
            (Words{"Hello", " my", " dog", "'s", " 12", " eyes", "!?"}));
  EXPECT_EQ(words_of("we'll they've I'm he'd 'twas"),
            (Words{"we", "'ll", " they", "'ve", " I", "'m", " he", "'d", " '", "twas"}));
  EXPECT_EQ(words_of("'re're"), (Words{"'re", "'re"}));
  EXPECT_EQ(words_of("I'LL"), (Words{"I", "'", "LL"}));  // contractions are in lower case
  EXPECT_EQ(words_of("a''s"), (Words{"a", "''", "s"}));
  EXPECT_EQ(words_of("'l 'r '"), (Words{"'", "l", " '", "r", " '"}));
  EXPECT_EQ(words_of("abc123.4"), (Words{"abc", "123", ".", "4"}));
}

TEST(Gpt2Words, BlankRunsLeaveTheirLastOneToTheNextWord) {
  EXPECT_EQ(words_of("a   b"), (Words{"a", "  ", " b"}));
  EXPECT_EQ(words_of("a\n\nb"), (Words{"a", "\n", "\n", "b"}));
  EXPECT_EQ(words_of("a\tb"), (Words{"a", "\t", "b"}));
  EXPECT_EQ(words_of("a  "), (Words{"a", "  "}));
  EXPECT_EQ(words_of(" \xC2\xA0x"), (Words{" ", "\xC2\xA0", "x"}));  // U+00A0 is no ' ?'
  EXPECT_EQ(words_of(" "), (Words{" "}));
}

TEST(ByteLevel, CutsAndCarriesRanges) {
  std::vector<AlignedText> words = {align("a \xC3\xA9")};
  ByteLevel({.add_prefix_space = true}).split(words);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, U"\u0120a");
  EXPECT_EQ(words[0].origins, (std::vector<Offset>{{0, 1}, {0, 1}}));
  EXPECT_EQ(words[1].text, U"\u0120\u00C3\u00A9");
  EXPECT_EQ(words[1].origins, (std::vector<Offset>{{1, 2}, {2, 3}, {2, 3}}));
}

TEST(ByteLevel, MayLeaveTheTextWhole) {
  std::vector<AlignedText> words = {align(" a b"), align("")};
  ByteLevel({.add_prefix_space = true, .use_regex = false}).split(words);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].text, U"\u0120a\u0120b");
}

TEST(ByteLevelDecoder, MakesReplacementCharactersOfWhatIsNotUtf8) {
  const ByteLevelDecoder decoder;
  EXPECT_EQ(decoder.decode({"a",
                            "\xC4\xA0"
                            "b"}),
            "a b");
  const auto bytes = [](std::initializer_list<unsigned> list) {
    std::string token;
    for (const unsigned byte : list) append_utf8(token, byte_to_character(static_cast<unsigned char>(byte)));
    return token;
  };
  EXPECT_EQ(decoder.decode({bytes({0xE5, 0xAD}), bytes({0x97})}), "\xE5\xAD\x97");
  EXPECT_EQ(decoder.decode({bytes({0xE5, 0xAD})}), "\xEF\xBF\xBD");
  EXPECT_EQ(decoder.decode({bytes({0xFF, 0x41, 0xC0, 0x80})}),
            "\xEF\xBF\xBD"
            "A\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decoder.decode({bytes({0xED, 0xA0, 0x80})}), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decoder.decode({"[PAD] x"}), "[PAD] x");  // holds a blank, so it is no byte token
}

std::string any_text(const std::vector<std::uint32_t>& values) {
  std::string text;
  for (const std::uint32_t value : values) {
    const char32_t c = value % 3 == 0 ? value / 3 % 0x110000 : value / 3 % 0x180;
    append_utf8(text, c >= 0xD800 && c < 0xE000 ? U'x' : c);
  }
  return text;
}

TEST(ByteLevel, DecodingItsWordsGivesTheTextBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& values) {
    const std::string text = any_text(values);
    std::vector<AlignedText> words = {align(text)};
    ByteLevel().split(words);
    std::vector<std::string> tokens;
    for (const AlignedText& word : words) {
      RC_ASSERT(!word.text.empty() && word.text.size() == word.origins.size());
      tokens.push_back(encode_utf8(word.text));
    }
    RC_ASSERT(ByteLevelDecoder().decode(tokens) == text);
    AlignedText whole = align(text);
    ByteLevelNormalizer().normalize(whole);
    RC_ASSERT(ByteLevelDecoder().decode({encode_utf8(whole.text)}) == text);
  }));
}

}  // namespace
}  // namespace berta::tokenizer
