#include "data/labelled_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "file.h"

namespace berta::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<LabelledText> read(const File& file, const LabelledTextOptions& options = {}) {
  return read_labelled_texts(file.path(), options);
}

std::string refusal(const std::string& name, const std::string& content,
                    const LabelledTextOptions& options = {}) {
  return File(name, content).refusal([&](const std::string& path) { read_labelled_texts(path, options); });
}

TEST(LabelledTexts, FindsTheUsualColumns) {
  const auto pairs =
      read({"a.tsv", "index\tsentence1\tsentence2\tLabel\n0\tA b.\tC \"d\".\tyes\n1\tx\t\tno\n"});
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].text, "A b.");
  EXPECT_EQ(pairs[0].text_pair, "C \"d\".");
  EXPECT_EQ(pairs[0].label, "yes");
  EXPECT_EQ(pairs[0].weight, 1);
  EXPECT_EQ(pairs[1].text_pair, "");

  const auto mrpc =
      read({"m.tsv", "\xef\xbb\xbfQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\tone\ttwo\n"});
  EXPECT_EQ(mrpc.at(0).text, "one");
  EXPECT_EQ(mrpc.at(0).text_pair, "two");

  const auto single = read({"s.csv", "label,sentence\r\n1,\"one,\ntwo\"\r\n"});
  EXPECT_EQ(single.at(0).text, "one,\ntwo");
  EXPECT_EQ(single.at(0).text_pair, std::nullopt);
  const auto qnli = read({"q.tsv", "question\tsentence\tlabel\nWhy?\tSo.\tentailment\n"});
  EXPECT_EQ(qnli.at(0).text, "Why?");
  EXPECT_EQ(qnli.at(0).text_pair, "So.");
}

TEST(LabelledTexts, TakesChosenColumns) {
  const File plain("a.tsv", "1\tgood\textra\n0\tbad\n");
  const auto numbered = read(plain, {.columns = {.text = "2", .label = "1"}});
  EXPECT_EQ(numbered.at(1).text, "bad");
  EXPECT_EQ(numbered.at(1).label, "0");
  const File named("b.csv", "id,title,body,stars,w\n7,T,B,5,0.25\n");
  const auto chosen =
      read(named, {.columns = {.text = "title", .text_pair = "body", .label = "stars", .weight = "w"},
                   .label_kind = LabelKind::number});
  EXPECT_EQ(chosen.at(0).text_pair, "B");
  EXPECT_EQ(chosen.at(0).value, 5);
  EXPECT_EQ(chosen.at(0).weight, 0.25);
  const auto mixed = read(named, {.header = Header::yes, .columns = {.text = "2", .label = "4"}});
  EXPECT_EQ(mixed.at(0).text, "T");
  // The same column twice, and a header that only the label's name shows.
  EXPECT_EQ(read({"c.tsv", "x\tlabel\na\tb\n"}, {.columns = {.text = "2", .label = "2"}}).at(0).text, "b");
}

TEST(LabelledTexts, ErrorsOfTables) {
  EXPECT_EQ(refusal("a.tsv", "1\tgood\n"),
            "a.tsv: line 1: expected columns with known names, or the numbers of those with text and label, "
            "found 2 "
            "columns: \"1\", \"good\"");
  EXPECT_EQ(refusal("a.tsv", "text\tstars\n"),
            "a.tsv: line 1: expected a column of labels, chosen by name, found \"text\", \"stars\"");
  EXPECT_EQ(refusal("a.csv", "x,label\n", {.header = Header::yes}),
            "a.csv: line 1: expected a column of texts, chosen by name, found \"x\", \"label\"");
  EXPECT_EQ(refusal("a.csv", "text,label\n", {.columns = {.text = "body"}}),
            "a.csv: line 1: expected a column named \"body\", found \"text\", \"label\"");
  EXPECT_EQ(refusal("a.tsv", "a\tb\n", {.columns = {.text = "3", .label = "1"}}),
            "a.tsv: line 1: expected a column from 1 to 2 (there is no header), found \"3\"");
  EXPECT_EQ(refusal("a.tsv", "text\tlabel\na\tb\nc\n"), "a.tsv: line 3: expected 2 columns, found 1");
  EXPECT_EQ(refusal("a.tsv", "text\tlabel\na\tb\tc\n"), "a.tsv: line 2: expected 2 columns, found 3");
  EXPECT_EQ(refusal("a.tsv", "a\tb\nc\n", {.columns = {.text = "1", .label = "2"}}),
            "a.tsv: line 2: expected at least 2 columns, found 1");
  EXPECT_EQ(refusal("a.tsv", "text\tlabel\na\t\n"), "a.tsv: line 2: expected a label, found an empty one");
  EXPECT_EQ(refusal("a.tsv", "text\tlabel\n"), "a.tsv: expected texts with labels, found none");
  EXPECT_EQ(refusal("a.tsv", ""), "a.tsv: expected texts with labels, found none");
  EXPECT_EQ(refusal("a.conll", "x"), "a.conll: expected a table or JSON lines, found a file in CoNLL form");
  EXPECT_THAT(refusal("a.tsv", "text\tlabel\na\xff\tb\n"), HasSubstr("a.tsv: line 2: expected UTF-8"));
  EXPECT_EQ(refusal("a.tsv", "text\tlabel\tw\na\tb\t-1\n", {.columns = {.weight = "w"}}),
            "a.tsv: line 2: weight: expected at least 0, found \"-1\"");
  EXPECT_EQ(refusal("a.tsv", "text\tlabel\n", {.label_separator = ""}),
            "expected a separator of labels, found an empty one");
}

TEST(LabelledTexts, NumbersAreFinite) {
  for (const std::string bad : {"x", "nan", "inf", "1e999", "1 ", "0x1"}) {
    EXPECT_EQ(refusal("a.tsv", "text\tlabel\na\t" + bad + "\n", {.label_kind = LabelKind::number}),
              "a.tsv: line 2: expected a number, found \"" + bad + "\"");
  }
  const auto samples = read({"a.tsv", "text\tscore\na\t-2.5e0\n"}, {.label_kind = LabelKind::number});
  EXPECT_EQ(samples.at(0).value, -2.5);
}

TEST(LabelledTexts, ReadsJsonLinesAndArrays) {
  const auto lines = read({"a.jsonl", R"({"text": "a\nb", "label": 1}

{"label": true, "text": "c"}
{"label": 0.5, "text": "d", "more": [1]}
{"label": "x", "text": ""}
)"});
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].text, "a\nb");
  EXPECT_EQ(lines[0].label, "1");
  EXPECT_EQ(lines[1].label, "true");
  EXPECT_EQ(lines[2].label, "0.5");
  EXPECT_EQ(lines[3].text, "");
  const auto array = read({"b.json",
                           "\n [\n {\"premise\": \"p\", \"hypothesis\": \"h\", \"label\": 2},\n"
                           "{\"premise\": \"q\", \"hypothesis\": null, \"label\": 0}]\n"});
  ASSERT_EQ(array.size(), 2u);
  EXPECT_EQ(array[0].text_pair, "h");
  EXPECT_EQ(array[1].text_pair, std::nullopt);
}

TEST(LabelledTexts, ErrorsOfJson) {
  const std::string first = "{\"text\": \"a\", \"label\": \"b\"}\n";
  EXPECT_EQ(refusal("a.jsonl", first + "{\"text\": \"a\"}"),
            "a.jsonl: line 2: expected a key 'label', found \"text\"");
  EXPECT_EQ(refusal("a.jsonl", first + "{\"label\": 1, \"text\": 2}"),
            "a.jsonl: line 2: key 'text': expected a string, found an integer");
  EXPECT_EQ(
      refusal("a.jsonl", "\n" + first + "{\"text\": \"a\", \"label\": [1]}"),
      "a.jsonl: line 3: key 'label': expected a string, a number, true or false, found an array (of several "
      "labels?)");
  EXPECT_THAT(refusal("a.jsonl", first + "{\"text\": "), HasSubstr("a.jsonl: line 2: invalid JSON"));
  EXPECT_THAT(refusal("a.jsonl", first + "\"\xff\""), HasSubstr("a.jsonl: line 2: invalid JSON"));
  EXPECT_THAT(refusal("a.jsonl", first + "3"), HasSubstr("a.jsonl: line 2: expected an object"));
  EXPECT_THAT(refusal("a.json", "[{\"text\": \"a\", \"label\": 1}, 3]"),
              HasSubstr("a.json: record 2: expected an"));
  EXPECT_THAT(refusal("a.json", "[\n\n{\"text\": ]"), HasSubstr("a.json: invalid JSON at line 3"));
  EXPECT_THAT(refusal("a.json", std::string(100'000, '[')), HasSubstr("invalid JSON"));
  EXPECT_EQ(refusal("a.jsonl", "{\"body\": 1}"),
            "a.jsonl: line 1: expected a column of texts, chosen by name, found \"body\"");
}

TEST(LabelledTexts, SeveralLabels) {
  const LabelledTextOptions several{.label_kind = LabelKind::several};
  const auto table = read({"a.tsv", "text\tlabels\na\tred, green,red\nb\t\n"}, several);
  EXPECT_THAT(table.at(0).labels, ElementsAre("red", "green"));
  EXPECT_THAT(table.at(1).labels, IsEmpty());
  EXPECT_EQ(table.at(0).label, "");
  const LabelledTextOptions bars{.label_kind = LabelKind::several, .label_separator = "||"};
  const auto json = read({"a.jsonl",
                          "{\"text\": \"a\", \"labels\": [\"x, y\", 3, 3]}\n"
                          "{\"text\": \"b\", \"labels\": []}\n{\"text\": \"c\", \"labels\": \"p||q\"}"},
                         bars);
  EXPECT_THAT(json.at(0).labels, ElementsAre("x, y", "3"));
  EXPECT_THAT(json.at(1).labels, IsEmpty());
  EXPECT_THAT(json.at(2).labels, ElementsAre("p", "q"));
}

TEST(LabelledTexts, LimitsAndSkippedLabels) {
  const File file("a.tsv", "text\tgold_label\na\t-\nb\tx\nc\ty\nd\n");
  const auto samples =
      read(file, {.skipped_labels = {"-"}, .max_samples = 2});  // the wrong line is never read
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].text, "b");
}

TEST(LabelledTexts, GzipAndFormatsByName) {
  const TemporaryFolder folder;
  const auto path = wordvec::testing::append_gzip(folder, "A.CSV.GZ", "text,label\n\"a,b\",1\n");
  EXPECT_EQ(read_labelled_texts(path).at(0).text, "a,b");
  EXPECT_EQ(read_labelled_texts(folder.write("x.txt", "text\tlabel\na,b\t1\n")).at(0).text, "a,b");
  EXPECT_EQ(
      read_labelled_texts(folder.write("x.data", "text,label\na,1\n"), {.format = FileFormat::csv}).size(),
      1u);
  EXPECT_THAT(error_of([&] { read_labelled_texts(folder.file("none.tsv")); }),
              HasSubstr("none.tsv: cannot open"));
}

}  // namespace
}  // namespace berta::data
