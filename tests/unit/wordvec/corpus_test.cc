#include "wordvec/corpus.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <vector>

#include "temporary_folder.h"
#include "wordvec/vocabulary.h"

namespace berta::wordvec {
namespace {

using io::read_all;
using testing::append_gzip;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::TemporaryFolder;
using Lines = std::vector<std::vector<std::string>>;

/// Lines of words, a block after another.
Lines lines_of(Corpus& corpus) {
  Lines lines(1);
  std::string block;
  while (corpus.next(block)) {
    for_words(
        block, [&](std::string_view word) { lines.back().emplace_back(word); },
        [&] { lines.emplace_back(); });
  }
  lines.pop_back();
  return lines;
}

TEST(Corpus, GivesTheLastWordOfEachLine) {
  const TemporaryFolder folder;
  Corpus corpus({folder.write("a", "one two\nthree\r\n\n four\tfive \nlast word")});
  EXPECT_THAT(lines_of(corpus), ElementsAre(ElementsAre("one", "two"), ElementsAre("three"), ElementsAre(),
                                            ElementsAre("four", "five"), ElementsAre("last", "word")));
}

TEST(Corpus, KeepsBytesThatAreNoText) {
  const TemporaryFolder folder;
  const std::string nul("a\0b", 3);
  Corpus corpus({folder.write("a", nul + " \xff\xfe caf\xc3\xa9\n\xef\xbb\xbfx\n")});
  EXPECT_THAT(lines_of(corpus),
              ElementsAre(ElementsAre(nul, "\xff\xfe", "caf\xc3\xa9"), ElementsAre("\xef\xbb\xbfx")));
}

TEST(Corpus, ReadsSeveralFilesAndGzipMembers) {
  const TemporaryFolder folder;
  append_gzip(folder, "b.gz", "c d\ne");
  const std::string packed = append_gzip(folder, "b.gz", "f g\n");
  Corpus corpus({folder.write("a", "a b"), packed, folder.write("empty", ""), folder.write("z", "h\n")});
  EXPECT_THAT(lines_of(corpus), ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d"),
                                            ElementsAre("ef", "g"), ElementsAre("h")));
  EXPECT_EQ(corpus.fraction_read(), 1.0);
}

TEST(Corpus, BlocksOfAnySizeGiveTheSameWords) {
  const TemporaryFolder folder;
  std::string text;
  std::vector<std::string> wanted;
  for (int i = 0; i < 500; ++i) {
    wanted.push_back(std::to_string(i * 7919 % 10007));
    text += wanted.back() + (i % 13 == 0 ? "\n" : " ");
  }
  const std::string file = folder.write("a", text);
  for (const std::size_t size : {6, 7, 64, 100, 4096}) {
    Corpus corpus({file}, size);
    std::vector<std::string> words;
    for (const auto& line : lines_of(corpus)) words.insert(words.end(), line.begin(), line.end());
    EXPECT_EQ(words, wanted) << size;
  }
}

TEST(Corpus, GoesOnWhereItWas) {
  const TemporaryFolder folder;
  append_gzip(folder, "a.gz", "one two three\nfour five\nsix seven\n");
  const std::vector<std::string> files = {folder.file("a.gz"), folder.write("b", "eight nine\nten\n")};
  Corpus all(files, 16);
  std::string block;
  while (all.next(block)) {
    Corpus late(files, 16);
    late.seek(all.position());
    EXPECT_EQ(late.position(), all.position());
    Corpus same(files, 16);
    same.seek(all.position());
    std::string first;
    std::string second;
    EXPECT_EQ(late.next(first), same.next(second));
    EXPECT_EQ(first, second);
  }
  Corpus shorter({folder.write("c", "short\n")});
  EXPECT_THAT(error_of([&] { shorter.seek({.file = 0, .offset = 100, .line = 3}); }), HasSubstr("shorter"));
}

TEST(Corpus, MemoryDoesNotFollowALineThatDoesNotEnd) {
  const TemporaryFolder folder;
  std::string line;
  for (int i = 0; i < 300000; ++i) line += "word ";
  Corpus corpus({folder.write("a", line)}, 4096);
  std::string block;
  std::size_t words = 0;
  while (corpus.next(block)) {
    EXPECT_LE(block.size(), 4096U);
    for_words(
        block, [&](std::string_view word) { words += word == "word" ? 1 : 0; }, [] {});
  }
  EXPECT_EQ(words, 300000U);
}

TEST(Corpus, NamesFileAndLineOfWhatItCannotRead) {
  const TemporaryFolder folder;
  Corpus corpus({folder.write("a", "fine\nlines\n" + std::string(100, 'x'))}, 64);
  std::string block;
  EXPECT_TRUE(corpus.next(block));
  EXPECT_THAT(error_of([&] { corpus.next(block); }), HasSubstr("a: line 3: a word of more than 64 bytes"));
  EXPECT_THAT(error_of([&] { Corpus({folder.file("none")}); }), HasSubstr("none: cannot open: No such file"));
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);  // opening it would wait for a writer
  EXPECT_THAT(error_of([&] { Corpus({folder.file("pipe")}); }), HasSubstr("pipe: not a regular file"));
  EXPECT_THAT(error_of([&] { Corpus({folder.file("")}); }), HasSubstr("Is a directory"));
  append_gzip(folder, "cut.gz", std::string(100000, 'a') + " " + std::string(5000, 'b'));
  const std::string whole = read_all(folder.file("cut.gz"));
  Corpus cut({folder.write("cut.gz", whole.substr(0, whole.size() / 2))});
  EXPECT_THAT(error_of([&] { lines_of(cut); }), HasSubstr("cut.gz: the gzip data end too early"));
}

TEST(Vocabulary, CountsSortsAndCuts) {
  const TemporaryFolder folder;
  Corpus corpus({folder.write("a", "b a c a\nb a d\n")});
  const auto yes = [](double) { return true; };
  const CorpusCount all = count_words(corpus, {}, yes);
  EXPECT_EQ(all.tokens, 7U);
  EXPECT_EQ(all.vocabulary.words.word(0), "a");
  EXPECT_EQ(all.vocabulary.words.word(1), "b");
  EXPECT_EQ(all.vocabulary.words.word(2), "c");  // came before d
  EXPECT_THAT(all.vocabulary.counts, ElementsAre(3, 2, 1, 1));
  corpus.seek({});
  const CorpusCount cut = count_words(corpus, {.min_count = 2, .max_size = 1}, yes);
  EXPECT_EQ(cut.tokens, 7U);
  EXPECT_THAT(cut.vocabulary.counts, ElementsAre(3));
  corpus.seek({});
  EXPECT_EQ(count_words(corpus, {}, [](double) { return false; }).tokens, 0U);
}

TEST(Vocabulary, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  Vocabulary vocabulary;
  vocabulary.words.insert("the");
  vocabulary.words.insert(std::string("n\0l", 3));
  vocabulary.counts = {12, 3};
  write_vocabulary(folder.file("v"), vocabulary);
  const Vocabulary read = read_vocabulary(folder.file("v"));
  EXPECT_EQ(read.words.word(1), std::string_view("n\0l", 3));
  EXPECT_EQ(read.counts, vocabulary.counts);
}

TEST(Vocabulary, RefusesOtherFiles) {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& text) {
    return error_of([&] { read_vocabulary(folder.write("v", text)); });
  };
  EXPECT_THAT(error("the 12\nof\n"), HasSubstr("v: line 2: expected \"word count\""));
  EXPECT_THAT(error("the 12\nof -1\n"), HasSubstr("line 2"));
  EXPECT_THAT(error("the 99999999999999999999\n"), HasSubstr("line 1"));
  EXPECT_THAT(error("the 12\n\nthe 3\n"), HasSubstr("line 3: word \"the\" a second time"));
  EXPECT_THAT(error("\n"), HasSubstr("found none"));
  EXPECT_THAT(error_of([&] {
                Corpus corpus({folder.write("blank", " \n\t\n")});
                count_words(corpus, {}, [](double) { return true; });
              }),
              HasSubstr("blank: expected words, found none"));
  EXPECT_THAT(error_of([&] {
                Corpus corpus({folder.write("rare", "a b c")});
                count_words(corpus, {.min_count = 2}, [](double) { return true; });
              }),
              HasSubstr("--min-count"));
}

}  // namespace
}  // namespace berta::wordvec
