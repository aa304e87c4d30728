#include "tokenizer/normalizers.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/aligned_text.h"
#include "tokenizer/pre_tokenizers.h"

namespace berta::tokenizer {
namespace {

using Offsets = std::vector<Offset>;

AlignedText after(const Normalizer& normalizer, std::string_view text) {
  AlignedText aligned = align(text);
  normalizer.normalize(aligned);
  return aligned;
}

TEST(AlignedTexts, AreSlicedAndCropped) {
  AlignedText text = align("a\u00E9b\U0001F600");
  EXPECT_EQ(text.origins, (Offsets{{0, 1}, {1, 2}, {2, 3}, {3, 4}}));
  const AlignedText middle = slice(text, 1, 3);
  EXPECT_EQ(middle.text, U"\u00E9b");
  EXPECT_EQ(middle.origins, (Offsets{{1, 2}, {2, 3}}));
  crop(text, 2, 4);
  EXPECT_EQ(text.text, U"b\U0001F600");
  EXPECT_EQ(text.origins, (Offsets{{2, 3}, {3, 4}}));
}

TEST(Rewrites, WalkTheOldText) {
  AlignedText text = align("abcd");
  Rewrite rewrite;
  rewrite.replace(1, U"xyz");  // one becomes three
  rewrite.replace(2, U"w");    // two become one
  rewrite.replace(1, U"");     // deleted: the walk skips it behind the w
  rewrite.apply(text);
  EXPECT_EQ(text.text, U"xyzw");
  EXPECT_EQ(text.origins, (Offsets{{0, 1}, {0, 1}, {0, 1}, {1, 2}}));
}

TEST(Rewrites, LoseADeletionAtTheBegin) {
  AlignedText text = align("abc");
  Rewrite rewrite;
  rewrite.replace(1, U"");
  rewrite.push(U'b', 0);
  rewrite.push(U'c', 0);
  rewrite.apply(text);
  EXPECT_EQ(text.origins, (Offsets{{0, 1}, {1, 2}}));  // one too small each, as `tokenizers` gives them
}

TEST(Rewrites, InsertAtTheBeginWithAnEmptyRange) {
  AlignedText text = align("ab");
  Rewrite rewrite;
  rewrite.push(U'x', 1);
  rewrite.push(U'a', 0);
  rewrite.apply(text);
  EXPECT_EQ(text.origins, (Offsets{{0, 0}, {0, 1}}));
}

TEST(Rewrites, RefuseToLeaveTheText) {
  AlignedText text = align("a");
  Rewrite rewrite;
  rewrite.push(U'a', -1);
  rewrite.push(U'b', 0);
  EXPECT_THROW(rewrite.apply(text), InternalError);
}

TEST(Strip, TakesWhiteSpaceOff) {
  const AlignedText both = after(StripNormalizer(true, true), " \u3000a b\t\x1c");
  EXPECT_EQ(encode_utf8(both.text), "a b\t\x1c");  // U+001C is no White_Space
  EXPECT_EQ(both.origins.front(), (Offset{2, 3}));
  EXPECT_EQ(encode_utf8(after(StripNormalizer(false, true), " a ").text), " a");
  EXPECT_EQ(encode_utf8(after(StripNormalizer(true, false), " a ").text), "a ");
  EXPECT_EQ(after(StripNormalizer(true, true), " \n ").text, U"");
}

TEST(Collapsing, KeepsTheLastRange) {
  const AlignedText blanks = after(CollapseBlanks(), "a   b \t c");
  EXPECT_EQ(encode_utf8(blanks.text), "a b \t c");
  EXPECT_EQ(blanks.origins[1], (Offset{3, 4}));
  const AlignedText spaces = after(CollapseWhiteSpace(), "a\n b\tc\u00A0d\u00A0\u00A0e");
  EXPECT_EQ(encode_utf8(spaces.text), "a b c\u00A0d e");
  EXPECT_EQ(spaces.origins,
            (Offsets{{0, 1}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}, {9, 10}, {10, 11}}));
}

TEST(Sequences, RunInOrder) {
  const NormalizerSequence sequence(
      {std::make_shared<LowercaseNormalizer>(), std::make_shared<CollapseBlanks>()});
  EXPECT_EQ(encode_utf8(after(sequence, "A  B").text), "a b");
}

std::vector<std::string> words_of(const PreTokenizer& splitter, std::string_view text) {
  std::vector<AlignedText> words = {align(text)};
  splitter.split(words);
  std::vector<std::string> out;
  for (const AlignedText& word : words) out.push_back(encode_utf8(word.text));
  return out;
}

using Words = std::vector<std::string>;

TEST(MetaspaceSplits, BeforeEachMark) {
  EXPECT_EQ(words_of(Metaspace(), "a b"), (Words{"\u2581a", "\u2581b"}));
  EXPECT_EQ(words_of(Metaspace(), " a  b "), (Words{"\u2581a", "\u2581", "\u2581b", "\u2581"}));
  EXPECT_EQ(words_of(Metaspace(), "\u2581a"), (Words{"\u2581a"}));
  EXPECT_EQ(words_of(Metaspace({.prepend = PrependScheme::never}), "a b"), (Words{"a", "\u2581b"}));
  EXPECT_EQ(words_of(Metaspace({.replacement = U'_', .split = false}), "a b"), (Words{"_a_b"}));
}

TEST(MetaspaceSplits, PrependsToTheFirstOnly) {
  const AlignedText text = align("ab");
  std::vector<AlignedText> words = {slice(text, 0, 1), slice(text, 1, 2)};
  Metaspace({.prepend = PrependScheme::first}).split(words);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, U"\u2581a");
  EXPECT_EQ(words[0].origins, (Offsets{{0, 1}, {0, 1}}));
  EXPECT_EQ(words[1].text, U"b");
}

TEST(PunctuationSplits, IsolateEachCharacter) {
  EXPECT_EQ(words_of(IsolatePunctuation(), "a.b,,c!"), (Words{"a", ".", "b", ",", ",", "c", "!"}));
  EXPECT_EQ(words_of(IsolatePunctuation(), "abc"), (Words{"abc"}));
  const PreTokenizerSequence sequence(
      {std::make_shared<IsolatePunctuation>(), std::make_shared<Metaspace>()});
  EXPECT_EQ(words_of(sequence, "a. b"), (Words{"\u2581a", "\u2581.", "\u2581b"}));
}

TEST(MetaspaceDecoding, DropsTheFirstMarks) {
  const Words tokens = {"\u2581\u2581a", "b", "\u2581c"};
  EXPECT_EQ(MetaspaceDecoder().decode(tokens), "ab c");
  EXPECT_EQ(MetaspaceDecoder({.prepend = PrependScheme::never}).decode(tokens), "  ab c");
}

}  // namespace
}  // namespace berta::tokenizer
