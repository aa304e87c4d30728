#include "wordvec/probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "space.h"

namespace berta::wordvec {
namespace {

std::vector<LabelledText> read(const std::string& content, const TableColumns& columns = {}) {
  io::LineReader lines = lines_of(content);
  return read_labelled(lines, columns);
}

std::string refusal(const std::string& content, const TableColumns& columns = {}) {
  return error_of([&] { read(content, columns); });
}

WordVectors feelings() {
  return make_space({{"good", {1, 0.2f}}, {"bad", {-1, 0.1f}}, {"film", {0, 1}}, {"play", {0.1f, -1}}});
}

LabelledSet set_of(const std::string& content) {
  return {.name = "f", .texts = read(content)};
}

TEST(TextMean, IsOverTheKnownWords) {
  std::vector<double> mean(2);
  const TextWords words = mean_of_words(feelings(), " good\tfilm  what\n", mean);
  EXPECT_EQ(words.known, 2u);
  EXPECT_EQ(words.unknown, 1u);
  EXPECT_DOUBLE_EQ(mean[0], 0.5);
  EXPECT_NEAR(mean[1], 0.6, 1e-7);
  mean_of_words(feelings(), "Good", mean);
  EXPECT_EQ(mean, (std::vector<double>{0, 0}));
  EXPECT_EQ(mean_of_words(feelings(), "", mean).unknown, 0u);
}

TEST(TextMean, SubwordsGiveUnknownWordsAVector) {
  WordVectors space = feelings();
  space.subwords = {.shortest = 3, .longest = 3, .buckets = 1};
  space.buckets = make_rows({{3, 4}});
  std::vector<double> mean(2);
  EXPECT_EQ(mean_of_words(space, "new bad", mean).known, 2u);
  EXPECT_DOUBLE_EQ(mean[0], 1);
}

TEST(LabelledTexts, LabelFirstWithoutHeader) {
  const auto texts = read("0\ta film\n\n1\tgood , good\textra\r\n0\t\n");
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_EQ(texts[0].label, "0");
  EXPECT_EQ(texts[0].text, "a film");
  EXPECT_EQ(texts[1].text, "good , good");
  EXPECT_EQ(texts[1].line, 3u);
  EXPECT_EQ(texts[2].text, "");
}

TEST(LabelledTexts, ColumnsByNumberAndByName) {
  EXPECT_EQ(read("a film\t1\n", {.label = "2", .text = "1", .header = {}})[0].label, "1");
  EXPECT_EQ(read("a film\t1\n", {.label = "2", .text = "", .header = {}})[0].text, "a film");
  const std::string table = "id\tSentence\tlabel\n7\ta film\tyes\n";
  EXPECT_EQ(read(table)[0].label, "yes");
  EXPECT_EQ(read(table)[0].text, "a film");
  EXPECT_EQ(read(table).size(), 1u);
  EXPECT_EQ(read(table, {.label = "ID", .text = "label", .header = {}})[0].text, "yes");
  EXPECT_EQ(read("x\ty\n1\ta\n", {.label = "", .text = "", .header = Header::yes}).size(), 1u);
  EXPECT_EQ(read("label\ttext\n1\ta\n", {.label = "", .text = "", .header = Header::no}).size(), 2u);
}

TEST(LabelledTexts, ErrorsNameTheLine) {
  EXPECT_EQ(refusal("0\ta\nb\n"), "f: line 2: expected at least 2 columns between tabs, found 1");
  EXPECT_EQ(refusal("0\ta\n\tb\n"), "f: line 2: expected a label in column 1, found none");
  EXPECT_EQ(refusal("label\ttext\n"), "f: expected texts with labels, found none");
  EXPECT_EQ(refusal(""), "f: expected texts with labels, found none");
  EXPECT_EQ(refusal("a\tb\nc\td\n", {.label = "kind", .text = "", .header = {}}),
            "f: line 1: expected a column named \"kind\", found no such name");
  EXPECT_EQ(refusal("a\tb\n", {.label = "kind", .text = "", .header = Header::no}),
            "f: line 1: expected a column named \"kind\", found no header");
  EXPECT_EQ(refusal("a\tb\n", {.label = "2", .text = "2", .header = {}}),
            "f: line 1: expected label and text in two columns, found both in column 2");
  EXPECT_EQ(refusal("a\tb\n", {.label = "9", .text = "1", .header = {}}),
            "f: line 1: expected at least 9 columns between tabs, found 2");
}

TEST(HoldOut, ATenthThatTheSeedChooses) {
  std::string content;
  for (int i = 0; i < 100; ++i) content += "x\t" + std::to_string(i) + "\n";
  std::set<std::string> chosen;
  for (const std::uint64_t seed : {1, 1, 2}) {
    LabelledSet rest = set_of(content);
    const LabelledSet held = hold_out(rest, seed);
    EXPECT_EQ(held.texts.size(), 10u);
    EXPECT_EQ(rest.texts.size(), 90u);
    std::set<std::string> all;
    std::string key;
    for (const auto& text : rest.texts) all.insert(text.text);
    for (const auto& text : held.texts) {
      all.insert(text.text);
      key += text.text + " ";
    }
    EXPECT_EQ(all.size(), 100u);
    chosen.insert(key);
  }
  EXPECT_EQ(chosen.size(), 2u);
  LabelledSet one = set_of("x\ta\n");
  EXPECT_EQ(error_of([&] { hold_out(one, 1); }), "f: expected at least two texts, found 1");
}

TEST(Probe, ASeparableTask) {
  const LabelledSet train = set_of("pos\tgood film\nneg\tbad film\npos\tGOOD play\nneg\tbad play what\n");
  const LabelledSet dev = set_of("neg\tbad\npos\tgood good play\nneg\tgood\n");
  const ProbeReport report = probe(feelings(), train, dev, {.l2 = 0.01, .lowercase = true});
  EXPECT_EQ(report.labels, (std::vector<std::string>{"neg", "pos"}));
  EXPECT_TRUE(report.fit.converged);
  EXPECT_LE(report.fit.gradient, 1e-7);
  EXPECT_EQ(report.train.correct, 4u);
  EXPECT_EQ(report.train.words.known, 8u);
  EXPECT_EQ(report.train.words.unknown, 1u);
  EXPECT_EQ(report.dev.correct, 2u);
  EXPECT_NEAR(report.dev.accuracy(), 2.0 / 3, 1e-15);
  EXPECT_EQ(probe(feelings(), train, dev, {.l2 = 0.01, .lowercase = false}).train.words.unknown, 2u);
}

// Without features only the shares of the labels are left: the commonest one wins.
TEST(Probe, UnknownWordsLeaveTheCommonestLabel) {
  const LabelledSet train = set_of("a\tx\nb\ty\nb\tz\n");
  const ProbeReport report = probe(feelings(), train, train, {});
  EXPECT_EQ(report.train.correct, 2u);
  EXPECT_NEAR(report.fit.loss, -(std::log(1.0 / 3) + 2 * std::log(2.0 / 3)) / 3, 1e-10);
}

TEST(Probe, LabelsThatCannotBe) {
  const LabelledSet train = set_of("a\tx\nb\ty\n");
  const auto refuse = [](const LabelledSet& first, const LabelledSet& second) {
    return error_of([&] { probe(feelings(), first, second, {}); });
  };
  EXPECT_EQ(refuse(train, set_of("a\tx\nc\tx\n")),
            "f: line 2: expected a label of the training texts, found \"c\"");
  EXPECT_EQ(refuse(set_of("a\tx\na\ty\n"), train), "f: expected at least two labels, found only \"a\"");
  std::string many;
  for (int i = 0; i < 1001; ++i) many += std::to_string(i) + "\tx\n";
  EXPECT_EQ(refuse(set_of(many), train),
            "f: line 1001: expected at most 1000 labels, found more; is it the label's column?");
}

}  // namespace
}  // namespace berta::wordvec
