#include "corpus/piece_facts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>

#include "../io/temporary.h"
#include "core/error.h"
#include "io/crc32c.h"

namespace berta::corpus {
namespace {

/// A letter an id: S special, C continues a word, B begins one.
std::string letters(const PieceFacts& facts) {
  std::string out;
  for (std::int32_t id = 0; facts.contains(id); ++id) {
    out += facts.is_special(id) ? 'S' : facts.continues_word(id) ? 'C' : 'B';
  }
  return out;
}

PieceFacts facts_of(const std::string& name) {
  return PieceFacts(*tokenizer::load_tokenizer(std::string(BERTA_TEST_DATA) + "/data/tokenizers/" + name));
}

// The sums are those of the letters that part_of_whole_word of Microsoft's SPMTokenizer and GPT2Tokenizer
// (microsoft/DeBERTa 4d7fe0b) gives for all ids.
TEST(PieceFacts, AreMicrosoftsForWholeVocabularies) {
  const std::string v3 = letters(facts_of("deberta-v3")), v1 = letters(facts_of("deberta-v1"));
  EXPECT_EQ(v3.size(), 128001u);
  EXPECT_EQ(v1.size(), 50265u);
  EXPECT_EQ(io::crc32c(std::as_bytes(std::span(v3))), 3224675048u);
  EXPECT_EQ(io::crc32c(std::as_bytes(std::span(v1))), 2498715930u);
  for (const std::string* all : {&v3, &v1}) {
    EXPECT_EQ(all->substr(0, 4), "SSSS");
    EXPECT_EQ(all->back(), 'S');
    EXPECT_EQ(std::count(all->begin(), all->end(), 'S'), 5);
  }
}

TEST(PieceFacts, KnowWordPiecesPrefix) {
  const auto loaded =
      tokenizer::load_tokenizer(std::string(BERTA_TEST_DATA) + "/data/tokenizers/bert-uncased");
  const PieceFacts facts(*loaded);
  const auto check = [&](const char* piece, bool special, bool continues) {
    const std::int32_t id = loaded->id(piece).value();
    EXPECT_EQ(facts.is_special(id), special) << piece;
    EXPECT_EQ(facts.continues_word(id), continues) << piece;
  };
  check("[CLS]", true, false);
  check("[UNK]", true, false);
  check("film", false, false);
  check("##s", false, true);
  check(".", false, false);
  EXPECT_EQ(facts.mask(), 103);
}

TEST(PieceFacts, NeedAMask) {
  const auto bare = [] { PieceFacts({true, false}, {false, true}, 2); };
  EXPECT_THROW(bare(), InternalError);
}

}  // namespace
}  // namespace berta::corpus
