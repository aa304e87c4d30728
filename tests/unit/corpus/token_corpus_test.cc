#include "corpus/token_corpus.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <filesystem>

#include "core/error.h"
#include "corpus_tools.h"

namespace berta::corpus {
namespace {

using namespace testing;
using ::testing::HasSubstr;

/// A corpus of several shards, of which tests damage a file.
class TokenCorpusTest : public ::testing::Test {
 protected:
  TokenCorpusTest() {
    prepare({.inputs = {folder_.write("in.txt", many_lines(700))}, .output = path(), .shard_tokens = 2000});
  }

  std::string path() const { return folder_.file("corpus"); }
  std::string open_error() const {
    return error_of([&] { TokenCorpus corpus(path()); });
  }
  std::string verify_error() const {
    return error_of([&] { TokenCorpus(path()).verify(); });
  }
  void damage(const std::string& name, std::size_t offset, char to) const {
    std::string bytes = read_all(path() + "/" + name);
    bytes.at(offset) = to;
    folder_.write("corpus/" + name, bytes);
  }
  /// corpus.json with a piece of its text replaced.
  std::string error_with(const std::string& from, const std::string& to) const {
    const std::string text = read_all(path() + "/corpus.json");
    const std::size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    folder_.write("corpus/corpus.json", std::string(text).replace(at, from.size(), to));
    const std::string error = open_error();
    folder_.write("corpus/corpus.json", text);
    return error;
  }

  TemporaryFolder folder_;
};

TEST_F(TokenCorpusTest, CopiesAnyRange) {
  const TokenCorpus corpus(path());
  ASSERT_GT(corpus.facts().split(Split::train).shards.size(), 2u);
  const std::vector<std::int32_t> all = all_ids(corpus);
  EXPECT_TRUE(rc::check([&] {
    const auto begin = *rc::gen::inRange<std::size_t>(0, all.size() + 1);
    std::vector<std::int32_t> part(*rc::gen::inRange<std::size_t>(0, all.size() - begin + 1));
    corpus.copy(begin, part);
    RC_ASSERT(std::equal(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(begin)));
  }));
  std::vector<std::int32_t> two(2);
  EXPECT_THROW(corpus.copy(all.size() - 1, two), InternalError);
  EXPECT_THROW(corpus.copy(~std::uint64_t{0}, two), InternalError);
  EXPECT_THROW(corpus.document(corpus.documents()), InternalError);
  std::uint64_t end = 0;
  for (std::uint64_t i = 0; i < corpus.documents(); ++i) {
    EXPECT_EQ(corpus.document(i).begin, end);
    end += corpus.document(i).size;
  }
  EXPECT_EQ(end, all.size());
}

TEST_F(TokenCorpusTest, VerifyFindsDamage) {
  EXPECT_EQ(verify_error(), "");
  int asked = 0;
  TokenCorpus(path()).verify([&](double fraction) { return fraction >= 0 && fraction <= 1 && ++asked > 0; });
  EXPECT_GT(asked, 2);
  damage("train-00001.tokens", 100, '\x01');
  EXPECT_EQ(open_error(), "");
  EXPECT_THAT(verify_error(), HasSubstr("train-00001.tokens: damaged: its checksum"));
  damage("train-00001.tokens", 101, '\xff');
  EXPECT_THAT(verify_error(), HasSubstr("train-00001.tokens: expected ids below 8001, found 65"));
  damage("train-00000.documents", 8, '\x01');
  EXPECT_THAT(verify_error(), HasSubstr("train-00000.documents: damaged"));
  const TokenCorpus corpus(path());
  EXPECT_THAT(error_of([&] { corpus.document(1); }),
              HasSubstr("train-00000.documents: document 1: expected an end"));
  EXPECT_THAT(error_of([&] { Chunks(corpus, 16, ChunkStyle::documents); }), HasSubstr("document 1"));
}

TEST_F(TokenCorpusTest, TruncatedShardsAreRefusedByName) {
  for (const char* name : {"train-00001.tokens", "train-00001.documents"}) {
    const std::string file = path() + "/" + name, whole = read_all(file);
    folder_.write(std::string("corpus/") + name, whole.substr(0, whole.size() - 2));
    EXPECT_EQ(open_error(), file + ": expected " + std::to_string(whole.size()) + " bytes, found " +
                                std::to_string(whole.size() - 2));
    std::filesystem::remove(file);
    EXPECT_EQ(open_error(), file + ": cannot open: No such file or directory");
    folder_.write(std::string("corpus/") + name, whole);
  }
}

TEST_F(TokenCorpusTest, HostileFactsAreRefused) {
  EXPECT_THAT(error_with("berta-corpus", "other"), HasSubstr("key 'format': expected \"berta-corpus\""));
  EXPECT_THAT(error_with("\"version\": 1", "\"version\": 2"),
              HasSubstr("key 'version': expected 1 to 1, found 2"));
  EXPECT_THAT(error_with("\"train-00001\"", "\"../x\""), HasSubstr("key 'splits.train.shards[1].name'"));
  EXPECT_THAT(error_with("\"train-00001\", \"tokens\": ", "\"train-00001\", \"tokens\": 900000000000000000"),
              HasSubstr("expected"));
  EXPECT_THAT(error_with("\"train-00001\", \"tokens\": ", "\"train-00001\", \"tokens\": -"),
              HasSubstr("tokens"));
  EXPECT_THAT(error_with("\"vocabulary_size\": 8001", "\"vocabulary_size\": 800000"),
              HasSubstr("bytes, found"));
  EXPECT_THAT(error_with("\"vocabulary_size\": 8001", "\"vocabulary_size\": 0"),
              HasSubstr("vocabulary_size"));
  EXPECT_THAT(error_with("\"tokens_crc32c\": \"", "\"tokens_crc32c\": \"x"),
              HasSubstr("8 hexadecimal digits"));
  EXPECT_THAT(error_with("\"document\": \"line\"", "\"document\": \"word\""),
              HasSubstr("expected one of line, "));
  EXPECT_THAT(error_with("\"splits\"", "\"parts\""), HasSubstr("expected the key 'splits'"));
  EXPECT_THAT(error_with("{", ""), HasSubstr("invalid JSON"));
  EXPECT_THAT(error_of([&] { TokenCorpus corpus(folder_.path()); }), HasSubstr("corpus.json: cannot open"));
}

TEST_F(TokenCorpusTest, KnowsItsTokenizer) {
  const TokenCorpus corpus(path());
  corpus.require_tokenizer(sentiment());
  const auto other =
      tokenizer::load_tokenizer(std::string(BERTA_MODELS) + "/sentiment", tokenizer::Mode::spm);
  EXPECT_THAT(error_of([&] { corpus.require_tokenizer(*other); }), HasSubstr("made with another tokenizer"));
}

// Each chunk style covers all tokens, each once, in order.
TEST_F(TokenCorpusTest, ChunksCoverEverything) {
  const TokenCorpus corpus(path());
  const std::vector<std::int32_t> all = all_ids(corpus);
  for (const ChunkStyle style : {ChunkStyle::stream, ChunkStyle::documents}) {
    for (const std::size_t max_length : {3u, 4u, 9u, 16u, 512u, 100000u}) {
      const Chunks chunks(corpus, max_length, style);
      std::vector<std::int32_t> joined, chunk;
      for (std::uint64_t i = 0; i < chunks.size(); ++i) {
        chunks.at(i, chunk);
        ASSERT_TRUE(!chunk.empty() && chunk.size() <= max_length - 2);
        EXPECT_EQ(chunks.range(i).begin, joined.size());
        joined.insert(joined.end(), chunk.begin(), chunk.end());
      }
      EXPECT_EQ(joined, all) << max_length;
      EXPECT_THROW(chunks.at(chunks.size()), InternalError);
    }
  }
  EXPECT_THAT(error_of([&] { Chunks(corpus, 2, ChunkStyle::stream); }),
              HasSubstr("length of 3 or more, found 2"));
}

TEST_F(TokenCorpusTest, ChunksOfDocumentsEndWithThem) {
  const TokenCorpus corpus(path());
  constexpr std::size_t kMost = 6;
  const Chunks chunks(corpus, kMost + 2, ChunkStyle::documents);
  std::uint64_t index = 0;
  for (const auto& document : all_documents(corpus)) {
    for (std::size_t begin = 0; begin < document.size(); begin += kMost) {
      const auto first = document.begin() + static_cast<std::ptrdiff_t>(begin);
      const std::size_t size = std::min(kMost, document.size() - begin);
      EXPECT_EQ(chunks.at(index++),
                std::vector<std::int32_t>(first, first + static_cast<std::ptrdiff_t>(size)));
    }
  }
  EXPECT_EQ(index, chunks.size());
  const TokenCorpus none(path(), Split::held_out);
  EXPECT_EQ(Chunks(none, 8, ChunkStyle::stream).size(), 0u);
  EXPECT_EQ(Chunks(none, 8, ChunkStyle::documents).size(), 0u);
}

}  // namespace
}  // namespace berta::corpus
