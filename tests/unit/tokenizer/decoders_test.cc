#include "tokenizer/decoders.h"

#include <gtest/gtest.h>

#include "tokenizer/pre_tokenizers.h"

namespace berta::tokenizer {
namespace {

using Tokens = std::vector<std::string>;

TEST(WordPieceDecoder, JoinsPiecesAndCleansUp) {
  EXPECT_EQ(WordPieceDecoder("##", false).decode({"##uelo", "Ara", "##uj", "##o", "."}), "##uelo Araujo .");
  EXPECT_EQ(WordPieceDecoder().decode({"do", "n't", "stop", ".", "i", "'m", "here", "?"}),
            "don't stop. i'm here?");
  EXPECT_EQ(WordPieceDecoder().decode({"x", "do not"}), "x don't");  // an odd rule of the library
}

TEST(BpeDecoder, MakesBlanksOfSuffixes) {
  EXPECT_EQ(BpeDecoder("</w>").decode({"a", "b</w>", "c</w>"}), "ab c");
  EXPECT_EQ(BpeDecoder("</w>").decode({}), "");
}

TEST(ByteFallbackDecoder, JoinsBytesOrReplacesThem) {
  const ByteFallbackDecoder decoder;
  EXPECT_EQ(decoder.decode({"<0xE5>", "<0xAD>", "<0x97>", "a"}),
            "\xE5\xAD\x97"
            "a");
  EXPECT_EQ(decoder.decode({"<0xE5>", "<0xAD>", "a"}),
            "\xEF\xBF\xBD\xEF\xBF\xBD"
            "a");
  EXPECT_EQ(decoder.decode({"<0x6g>", "<0x61", "<0x0061>", "<0x61>"}), "<0x6g><0x61<0x0061>a");
}

TEST(StripDecoder, DropsAtBothEnds) {
  EXPECT_EQ(StripDecoder(U'H', 1, 0).decode({"Hey", " friend!", "HHH"}), "ey friend!HH");
  EXPECT_EQ(StripDecoder(U'y', 0, 1).decode({"Hey", " friend!"}), "He friend!");
  EXPECT_EQ(StripDecoder(U'a', 5, 5).decode({"aaa", "", "aba"}), "b");
}

TEST(ReplaceDecoder, RewritesEachToken) {
  EXPECT_EQ(ReplaceDecoder(literal_pattern(U"_"), " ").decode({"hello", "_hello"}), "hello hello");
}

TEST(DecoderSequence, GoesInOrder) {
  const DecoderSequence decoder({std::make_shared<ReplaceDecoder>(literal_pattern(U"\u2581"), " "),
                                 std::make_shared<ByteFallbackDecoder>(), std::make_shared<FuseDecoder>(),
                                 std::make_shared<StripDecoder>(U' ', 1, 0)});
  EXPECT_EQ(decoder.decode({"\xE2\x96\x81Hi", "<0x21>", "\xE2\x96\x81you"}), "Hi! you");
  Tokens tokens = {"a", "b"};
  FuseDecoder().decode_chain(tokens);
  EXPECT_EQ(tokens, Tokens{"ab"});
}

TEST(MetaspaceDecoder, DropsMarksOfTheFirstToken) {
  EXPECT_EQ(MetaspaceDecoder().decode({"\xE2\x96\x81Hi", "\xE2\x96\x81you"}), "Hi you");
  EXPECT_EQ(MetaspaceDecoder({.prepend = PrependScheme::never}).decode({"\xE2\x96\x81Hi"}), " Hi");
}

}  // namespace
}  // namespace berta::tokenizer
