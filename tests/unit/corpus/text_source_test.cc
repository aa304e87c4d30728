#include "corpus/text_source.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/utf8.h"
#include "corpus_tools.h"

namespace berta::corpus {
namespace {

using namespace testing;

std::vector<std::string> pieces_of(const std::string& text, std::size_t limit) {
  std::vector<std::string> pieces;
  for_pieces(text, limit, [&](std::string_view piece) { pieces.emplace_back(piece); });
  return pieces;
}

TEST(Pieces, AreCutBeforeSingleBlanks) {
  EXPECT_EQ(pieces_of("", 10), std::vector<std::string>{});
  EXPECT_EQ(pieces_of("short", 10), std::vector<std::string>{"short"});
  EXPECT_EQ(pieces_of("one two three", 10), (std::vector<std::string>{"one two", " three"}));
  EXPECT_EQ(pieces_of("one two  three", 10), (std::vector<std::string>{"one two  t", "hree"}));
  EXPECT_EQ(pieces_of("12345678\xE2\x96\x81z", 10), (std::vector<std::string>{"12345678", "\xE2\x96\x81z"}));
}

TEST(Pieces, JoinToTheTextAndStayUtf8) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint16_t>& drawn) {
    std::string text;
    for (const std::uint16_t c : drawn) append_utf8(text, c % 3 == 0 ? U' ' : c);
    std::string joined;
    for (const std::string& piece : pieces_of(text, 16)) {
      RC_ASSERT(!piece.empty());
      RC_ASSERT(piece.size() <= 16);
      RC_ASSERT(!find_invalid_utf8(piece));
      joined += piece;
    }
    RC_ASSERT(joined == text);
  }));
  EXPECT_EQ(pieces_of(std::string(100, '\x80'), 16).size(), 8u);  // no UTF-8, but it ends
}

// Whatever the pieces, the tokenizer's ids are those of the whole text.
TEST(Pieces, ChangeNoIds) {
  const std::string text =
      "A wonderful film, isn't it; I'd say: 3.5 of 5 (or so) for the ring-master's part.";
  for (std::size_t limit = 24; limit < text.size(); ++limit) {
    std::vector<std::int32_t> ids;
    for (const std::string& piece : pieces_of(text, limit)) {
      for (const std::int32_t id : ids_of(piece)) ids.push_back(id);
    }
    EXPECT_EQ(ids, ids_of(text)) << limit;
  }
}

TEST(TextSource, KnowsFormatsByNameAndByFirstByte) {
  const TemporaryFolder folder;
  const auto json = [&](const std::string& name, const std::string& text) {
    TextSource source({folder.write(name, text)}, TextFormat::automatic);
    SourceLine line;
    EXPECT_TRUE(source.next(line));
    return line.json;
  };
  EXPECT_TRUE(json("a.jsonl", "x"));
  EXPECT_TRUE(json("a.ndjson", "x"));
  EXPECT_FALSE(json("a.txt", "{}"));
  EXPECT_TRUE(json("a", "  {}"));
  EXPECT_FALSE(json("b", "[]"));
}

TEST(TextSource, GoesThroughFilesAndAgain) {
  const TemporaryFolder folder;
  TextSource source({folder.write("a", "1\n2"), folder.write("e", ""), folder.write("b", "3\n")},
                    TextFormat::text);
  for (int round = 0; round < 2; ++round) {
    std::string seen;
    for (SourceLine line; source.next(line);) {
      seen += line.bytes + ":" + std::to_string(line.file) + ":" + std::to_string(line.number) + " ";
    }
    EXPECT_EQ(seen, "1:0:1 2:0:2 3:2:1 ");
    EXPECT_EQ(source.fraction_read(), 1);
    source.rewind();
  }
  EXPECT_NE(error_of([&] { TextSource({folder.path()}, TextFormat::text); }).find("Is a directory"),
            std::string::npos);
}

}  // namespace
}  // namespace berta::corpus
