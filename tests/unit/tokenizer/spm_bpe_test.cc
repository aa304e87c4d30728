#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../io/temporary.h"
#include "protobuf_writer.h"
#include "tokenizer/spm_merges.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {
namespace {

const std::string kMark = "\xE2\x96\x81";

/// Specials, the merges of "the ring" from the first to the last, then the characters; scores fall as the
/// library's do.
std::string bpe_model(const std::vector<std::string>& more = {}) {
  ProtobufWriter model;
  const char* reserved[] = {"[PAD]", "[CLS]", "[SEP]", "[UNK]"};
  for (int i = 0; i < 4; ++i) model.bytes(1, spm_piece(reserved[i], 0, i == 3 ? 2 : 3));
  std::vector<std::string> pieces = {"in", "ing", kMark + "t", "he", kMark + "the", "ri", "ring"};
  pieces.insert(pieces.end(), more.begin(), more.end());
  for (const char c : std::string("therings")) pieces.emplace_back(1, c);
  pieces.push_back(kMark);
  pieces.emplace_back("\xC3\xA9");
  float score = 0;
  for (const std::string& piece : pieces) model.bytes(1, spm_piece(piece, score--, 1));
  model.bytes(2, ProtobufWriter().varint(3, 2).varint(40, 3).bytes(45, "[UNK]").text());
  return model.bytes(3, ProtobufWriter().varint(3, 1).varint(4, 1).varint(5, 1).text()).text();
}

std::vector<std::int32_t> ids_of(const Tokenizer& tokenizer, const std::string& text) {
  return tokenizer.encode(text, {}).ids;
}

TEST(SpmBpe, MergesAreCutsOfPiecesByScore) {
  const SpmModel model = parse_spm_model(bpe_model(), "m");
  EXPECT_TRUE(model.bpe);
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < model.pieces.size(); ++i)
    vocabulary.add(model.pieces[i].text, static_cast<std::int64_t>(i), "m");
  std::vector<std::pair<std::string, std::string>> merges;
  for (const BpeMerge& merge : spm_merges(model, vocabulary, "m"))
    merges.emplace_back(merge.left, merge.right);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"i", "n"}, {"in", "g"}, {kMark, "t"}, {"h", "e"}, {kMark + "t", "he"}, {"r", "i"}, {"r", "ing"}};
  EXPECT_EQ(merges, expected);
}

// The ids are those of DebertaV2TokenizerFast of transformers 4.57.1 for the same file.
TEST(SpmBpe, GivesTheIdsOfTransformers) {
  const io::TemporaryFolder folder;
  folder.write("spm.model", bpe_model());
  const auto tokenizer = load_tokenizer(folder.path());
  EXPECT_EQ(tokenizer->description(), "sentencepiece BPE, hf4, 22 tokens");
  EXPECT_EQ(ids_of(*tokenizer, "the ring"), (std::vector<std::int32_t>{1, 8, 19, 10, 2}));
  EXPECT_EQ(ids_of(*tokenizer, "ringing th  \xC3\xA9zzhe"),
            (std::vector<std::int32_t>{1, 19, 10, 5, 6, 12, 19, 20, 3, 7, 2}));
}

TEST(SpmBpe, IsReadInModeHf4Alone) {
  const io::TemporaryFolder folder;
  folder.write("spm.model", bpe_model());
  for (const Mode mode : {Mode::spm, Mode::hf5}) {
    EXPECT_NE(io::error_of([&] { load_tokenizer(folder.path(), mode); }).find("only mode hf4 reads"),
              std::string::npos);
  }
  folder.write("spm.model", bpe_model({std::string(300, 'x')}));
  EXPECT_NE(io::error_of([&] { load_tokenizer(folder.path()); }).find("pieces of at most 256 bytes"),
            std::string::npos);
}

}  // namespace
}  // namespace berta::tokenizer
