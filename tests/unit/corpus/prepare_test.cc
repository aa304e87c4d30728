#include "corpus/prepare.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>

#include "core/parallel.h"
#include "corpus_tools.h"

namespace berta::corpus {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using Documents = std::vector<std::vector<std::int32_t>>;

std::vector<std::int32_t> joined(const Documents& parts) {
  std::vector<std::int32_t> out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

std::map<std::string, std::string> files_of(const std::string& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    out[entry.path().filename().string()] = read_all(entry.path().string());
  }
  return out;
}

TEST(Prepare, CutsDocumentsByEachRule) {
  const TemporaryFolder folder;
  const std::string one = folder.write("one.txt", "First film.\n\nSecond one,\nof two lines.\n \n\n"),
                    two = folder.write("two", "Third\r\nFourth");
  const auto a = ids_of("First film."), b = ids_of("Second one,"), c = ids_of("of two lines."),
             d = ids_of("Third"), e = ids_of("Fourth");
  const std::map<DocumentRule, Documents> expected = {
      {DocumentRule::line, {a, b, c, d, e}},
      {DocumentRule::blank_line, {a, joined({b, c}), joined({d, e})}},
      {DocumentRule::file, {joined({a, b, c}), joined({d, e})}}};
  for (const auto& [rule, documents] : expected) {
    const std::string output = folder.file(name_of(rule));
    const CorpusFacts facts = prepare({.inputs = {one, two}, .output = output, .document = rule});
    EXPECT_EQ(facts.lines, 8u);
    const TokenCorpus corpus(output);
    EXPECT_EQ(all_documents(corpus), documents) << name_of(rule);
    EXPECT_EQ(all_ids(corpus), joined(documents));
    EXPECT_EQ(corpus.facts().document, rule);
    EXPECT_EQ(corpus.facts().token_bytes(), 2u);
    corpus.verify();
    EXPECT_EQ(TokenCorpus(output, Split::held_out).size(), 0u);
  }
}

TEST(Prepare, ReadsJsonLinesAndGzip) {
  const TemporaryFolder folder;
  const std::string lines =
      "{\"text\": \"A film\\nof two lines.\", \"n\": 1}\n\n{\"body\": \"x\", \"text\": \"B\"}\n";
  write_gzip(folder.file("a.jsonl.gz"), lines.substr(0, 20));
  write_gzip(folder.file("a.jsonl.gz"), lines.substr(20));
  const std::string plain = folder.write("plain", "\n" + lines);
  const Documents documents = {ids_of("A film\nof two lines."), ids_of("B")};
  prepare({.inputs = {folder.file("a.jsonl.gz")}, .output = folder.file("x")});
  EXPECT_EQ(all_documents(TokenCorpus(folder.file("x"))), documents);
  prepare({.inputs = {plain}, .output = folder.file("y")});
  EXPECT_EQ(all_documents(TokenCorpus(folder.file("y"))), documents);
  prepare(
      {.inputs = {folder.write("c", "{\"body\": \"x\"}\n")}, .output = folder.file("z"), .column = "body"});
  EXPECT_EQ(all_documents(TokenCorpus(folder.file("z"))), Documents{ids_of("x")});
  prepare({.inputs = {plain}, .output = folder.file("t"), .format = TextFormat::text});
  EXPECT_EQ(TokenCorpus(folder.file("t")).documents(), 2u);
  EXPECT_THAT(error_of([&] { prepare({.inputs = {plain}, .output = folder.file("e"), .column = "body"}); }),
              HasSubstr("plain: line 2: expected the key 'body', found none"));
  EXPECT_THAT(error_of([&] { prepare({.inputs = {plain}, .output = folder.file("e"), .column = "n"}); }),
              HasSubstr("plain: line 2: key 'n': expected a string"));
}

// Threads and shards change nothing but where shards end.
TEST(Prepare, IsTheSameWithAnyThreadsAndShards) {
  const TemporaryFolder folder;
  const std::string input = folder.write("in.txt", many_lines(9000));
  std::map<std::string, std::string> first;
  for (const int count : {1, 2, 7}) {
    set_threads(count);
    const std::string output = folder.file("o" + std::to_string(count));
    prepare({.inputs = {input}, .output = output, .held_out = 0.2, .seed = 4, .shard_tokens = 10000});
    if (first.empty()) first = files_of(output);
    EXPECT_EQ(files_of(output), first);
  }
  set_threads(0);
  EXPECT_GT(first.size(), 9u);
  prepare({.inputs = {input}, .output = folder.file("one"), .held_out = 0.2, .seed = 4});
  EXPECT_EQ(files_of(folder.file("one")).size(), 5u);
  for (const Split split : kSplits) {
    const TokenCorpus many(folder.file("o1"), split), one(folder.file("one"), split);
    EXPECT_EQ(all_documents(many), all_documents(one));
    EXPECT_EQ(all_ids(many), all_ids(one));
    many.verify();
  }
}

TEST(Prepare, HoldsDocumentsOut) {
  const TemporaryFolder folder;
  const std::string input = folder.write("in.txt", many_lines(5000));
  const auto held_out = [&](double part, std::uint64_t seed) {
    const std::string output = folder.file(fmt::format("{}-{}", part, seed));
    prepare({.inputs = {input}, .output = output, .held_out = part, .seed = seed});
    EXPECT_EQ(TokenCorpus(output).documents() + TokenCorpus(output, Split::held_out).documents(), 5000u);
    return all_documents(TokenCorpus(output, Split::held_out));
  };
  const Documents some = held_out(0.1, 1);
  EXPECT_NEAR(static_cast<double>(some.size()), 500, 70);
  EXPECT_NE(held_out(0.1, 2), some);
  const Documents more = held_out(0.3, 1);  // a larger part holds the smaller one
  for (const auto& document : some) EXPECT_TRUE(std::count(more.begin(), more.end(), document) == 1);
  EXPECT_EQ(held_out(0, 1).size(), 0u);
  EXPECT_EQ(held_out(1, 1).size(), 5000u);
}

TEST(Prepare, AVeryLongLineIsCutBeforeABlank) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 60000; ++i) text += (i > 0 ? " word" : "word") + std::to_string(i % 977);
  ASSERT_GT(text.size(), std::size_t{256} << 10);
  prepare({.inputs = {folder.write("in.txt", text)}, .output = folder.file("o")});
  EXPECT_EQ(all_ids(TokenCorpus(folder.file("o"))), ids_of(text));
  EXPECT_EQ(TokenCorpus(folder.file("o")).documents(), 1u);
}

TEST(Prepare, LargeVocabulariesTakeFourBytes) {
  const TemporaryFolder folder;
  const std::string input = folder.write("in.txt", many_lines(50));
  struct Wide final : tokenizer::Tokenizer {  // only what prepare asks for
    const tokenizer::Tokenizer& inner = sentiment();
    tokenizer::Encoding encode(std::string_view text, const tokenizer::EncodeOptions& o,
                               bool* t) const override {
      auto encoding = inner.encode(text, o, t);
      for (auto& id : encoding.ids) id += 70000;
      return encoding;
    }
    tokenizer::Encoding encode_pair(std::string_view, std::string_view, const tokenizer::EncodeOptions&,
                                    bool*) const override {
      return {};
    }
    std::vector<tokenizer::Encoding> encode_windows(std::string_view, std::string_view,
                                                    const tokenizer::WindowOptions&) const override {
      return {};
    }
    std::vector<tokenizer::Encoding> encode_windows(std::string_view,
                                                    const tokenizer::WindowOptions&) const override {
      return {};
    }
    std::string decode(std::span<const std::int32_t>, bool) const override { return {}; }
    std::string join(const std::vector<std::string>&) const override { return {}; }
    std::string token(std::int32_t id) const override { return inner.token(id); }
    std::optional<std::int32_t> id(std::string_view) const override { return {}; }
    std::int32_t size() const override { return 80000; }
    const tokenizer::SpecialIds& specials() const override { return inner.specials(); }
    std::optional<std::size_t> model_max_length() const override { return {}; }
    std::string description() const override { return "wide"; }
    bool has_subword_prefix() const override { return false; }
  };
  prepare({.inputs = {input}, .output = folder.file("o")}, Wide());
  const TokenCorpus corpus(folder.file("o"));
  EXPECT_EQ(corpus.facts().token_bytes(), 4u);
  EXPECT_EQ(all_ids(corpus).front(), ids_of("line").front() + 70000);
  corpus.verify();
  corpus.require_tokenizer(Wide());
  EXPECT_THAT(error_of([&] { corpus.require_tokenizer(sentiment()); }),
              HasSubstr("made with another tokenizer: wide, fingerprint "));
}

TEST(Prepare, LeavesNothingWhenItEndsEarly) {
  const TemporaryFolder folder;
  const std::string input = folder.write("in.txt", many_lines(20000));
  const std::string output = folder.file("o");
  const PrepareOptions options{.inputs = {input}, .output = output, .held_out = 0.5, .shard_tokens = 5000};
  int blocks = 0;
  EXPECT_FALSE(prepare_corpus(options, sentiment(), [&](const PrepareProgress&) { return ++blocks < 3; }));
  EXPECT_TRUE(files_of(output).empty());
  // A bad line behind several shards.
  const std::string bad = folder.write("bad.txt", many_lines(20000) + "caf\xe9\n");
  EXPECT_THAT(error_of([&] { prepare({.inputs = {bad}, .output = output, .shard_tokens = 5000}); }),
              HasSubstr("bad.txt: line 20001: "));
  EXPECT_TRUE(files_of(output).empty());
  // What a killed run left is no hindrance, and does not stay.
  folder.write("o/train-00077.tokens", "x");
  folder.write("o/.train-00078.tokens.12-3.tmp", "x");
  prepare(options);
  EXPECT_FALSE(files_of(output).contains("train-00077.tokens"));
  EXPECT_EQ(error_of([&] { prepare(options); }).substr(output.size(), 51),
            ": expected a new or an empty folder, found corpus.j");
}

TEST(Prepare, AFullDiskLeavesNothing) {
  const TemporaryFolder folder;
  const std::string input = folder.write("in.txt", many_lines(20000));
  const std::string output = folder.file("o");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 40000, .rlim_max = before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = error_of([&] { prepare({.inputs = {input}, .output = output}); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(error, HasSubstr("train-00000.tokens: cannot write: File too large"));
  EXPECT_TRUE(files_of(output).empty());
}

TEST(Prepare, RefusesNoText) {
  const TemporaryFolder folder;
  const auto refused = [&](std::vector<std::string> inputs) {
    return error_of([&] { prepare({.inputs = std::move(inputs), .output = folder.file("o")}); });
  };
  EXPECT_THAT(refused({}), HasSubstr("expected at least one file"));
  EXPECT_THAT(refused({folder.file("none")}), HasSubstr("none: cannot open"));
  EXPECT_THAT(refused({folder.write("empty", "")}), HasSubstr("empty: expected text, found no token"));
  EXPECT_THAT(refused({folder.write("blank", "\n  \n")}), HasSubstr("found no token"));
  EXPECT_TRUE(files_of(folder.file("o")).empty());
  folder.write("file", "");
  EXPECT_THAT(error_of([&] { prepare({.inputs = {folder.write("a", "a")}, .output = folder.file("file")}); }),
              HasSubstr("file: cannot create"));
}

}  // namespace
}  // namespace berta::corpus
