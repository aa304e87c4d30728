#include <gtest/gtest.h>

#include <cmath>

#include "io/json.h"
#include "program.h"

namespace berta::test {
namespace {

/// Vectors in which countries and capitals differ by one direction, and the files that belong to them.
class WordvecEval : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(vectors_,
               "6 5\nfrance 1 0 1 0 0\nparis 0 1 1 0 0\nspain 1 0 0 1 0\nmadrid 0 1 0 1 0\nitaly 1 0 0 0 1\n"
               "rome 0 1 0 0 1\n");
  }

  Finished berta(const std::string& command, std::vector<std::string> words, const std::string& input = "") {
    words.insert(words.begin(), {"wordvec", command, vectors_});
    return run(std::move(words), input);
  }

  io::Json json_of(const Finished& finished) {
    EXPECT_EQ(finished.status, 0) << finished.err;
    if (finished.status != 0) return {};
    return io::parse_json(lines_of(finished.out).front(), "output");
  }

  TemporaryFolder folder_;
  const std::string vectors_ = folder_.path("vectors.txt");
};

double number(const io::Json& object, const std::string& key) {
  const io::Json* found = object.find(key);
  return found == nullptr ? std::nan("") : found->as_number(key);
}

std::string keys_of(const io::Json& object) {
  std::string keys;
  for (const auto& [key, value] : object.as_object("object")) keys += (keys.empty() ? "" : " ") + key;
  return keys;
}

TEST_F(WordvecEval, SimilarityAndAnalogiesAsJson) {
  write_text(folder_.path("one.txt"),
             "word1,word2,score\nFrance,paris,5\nfrance,madrid,1\nparis,unknown,3\n");
  write_text(folder_.path("two.txt"), "france spain 2\nfrance rome 3\n");
  write_text(folder_.path("questions.txt"),
             ": capitals\nFrance Paris Spain Madrid\nfrance paris italy madrid\n: gram1\nparis france oslo "
             "norway\n");
  const io::Json json =
      json_of(berta("eval", {folder_.path("two.txt"), "--similarity", folder_.path("one.txt"), "--analogies",
                             folder_.path("questions.txt"), "--json"}));
  const auto& similarity = json.find("similarity")->as_array("similarity");
  ASSERT_EQ(similarity.size(), 2u);
  EXPECT_EQ(number(similarity[0], "covered"), 2);
  EXPECT_EQ(number(similarity[0], "pairs"), 3);
  EXPECT_DOUBLE_EQ(number(similarity[0], "spearman"), 1);
  EXPECT_DOUBLE_EQ(number(similarity[1], "spearman"), -1);  // france is nearer to spain than to rome
  const io::Json& analogies = *json.find("analogies");
  EXPECT_EQ(keys_of(analogies), "file words sections semantic syntactic total");
  EXPECT_EQ(number(analogies, "words"), 6);
  const auto& sections = analogies.find("sections")->as_array("sections");
  ASSERT_EQ(sections.size(), 2u);
  EXPECT_EQ(keys_of(sections[0]), "section questions asked correct accuracy");
  EXPECT_EQ(number(sections[0], "accuracy"), 0.5);
  EXPECT_EQ(number(sections[1], "questions"), 1);
  EXPECT_EQ(number(sections[1], "asked"), 0);
  EXPECT_TRUE(sections[1].find("accuracy")->is_null());
  EXPECT_EQ(number(*analogies.find("total"), "correct"), 1);
}

TEST_F(WordvecEval, TextForPeopleAndErrors) {
  write_text(folder_.path("one.txt"), "france paris 5\nfrance madrid 1\nx y 3\n");
  write_text(folder_.path("bad.txt"), "france paris 5\nfrance\n");
  const Finished good = berta("eval", {"--similarity", folder_.path("one.txt")});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_NE(good.out.find("1.0000  2 of 3 pairs\n"), std::string::npos) << good.out;
  const Finished bad = berta("eval", {"--similarity", folder_.path("bad.txt")});
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(lines_of(bad.err).size(), 1u) << bad.err;
  EXPECT_NE(bad.err.find("bad.txt: line 2: expected two words and a number"), std::string::npos) << bad.err;
  EXPECT_EQ(berta("eval", {}).status, 2);
  EXPECT_EQ(berta("eval", {folder_.path("none.txt")}).status, 1);
}

TEST_F(WordvecEval, Neighbours) {
  const io::Json line = json_of(berta("nn", {"france", "--top-k", "2"}));
  EXPECT_EQ(keys_of(line), "word neighbours");
  const auto& neighbours = line.find("neighbours")->as_array("neighbours");
  ASSERT_EQ(neighbours.size(), 2u);
  EXPECT_EQ(neighbours[0].find("word")->as_string("word"), "paris");
  EXPECT_NEAR(number(neighbours[0], "score"), 0.5, 1e-6);
  EXPECT_EQ(neighbours[1].find("word")->as_string("word"), "spain");
  EXPECT_EQ(lines_of(berta("nn", {}, "rome\nparis\n").out).size(), 2u);
  const Finished unknown = berta("nn", {}, "rome\noslo\n");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_EQ(lines_of(unknown.out).size(), 1u);
  EXPECT_NE(unknown.err.find("line 2: \"oslo\" is not among the words"), std::string::npos) << unknown.err;
  EXPECT_EQ(lines_of(berta("nn", {"--on-error", "skip"}, "oslo\nrome\n").out).size(), 1u);
}

TEST_F(WordvecEval, Analogy) {
  const io::Json line = json_of(berta("analogy", {"france", "paris", "spain", "--top-k", "1"}));
  EXPECT_EQ(keys_of(line), "a b c answers");
  EXPECT_EQ(line.find("answers")->as_array("answers")[0].find("word")->as_string("word"), "madrid");
  EXPECT_NEAR(number(line.find("answers")->as_array("answers")[0], "score"), 1, 1e-6);
  const Finished piped = berta("analogy", {}, "{\"a\": \"france\", \"b\": \"paris\", \"c\": \"italy\"}\n");
  EXPECT_EQ(piped.status, 0) << piped.err;
  EXPECT_NE(piped.out.find("[{\"word\": \"rome\""), std::string::npos) << piped.out;
  EXPECT_EQ(berta("analogy", {"france", "paris"}).status, 2);
  EXPECT_EQ(berta("analogy", {"france", "paris", "oslo"}).status, 1);
}

TEST_F(WordvecEval, Plot) {
  const std::string output = folder_.path("map.svg");
  const Finished plot = berta("plot", {"france", "paris", "rome", "paris", "--output", output});
  EXPECT_EQ(plot.status, 0) << plot.err;
  const std::string svg = read_text(output);
  EXPECT_EQ(svg.find("<svg "), 0u);
  EXPECT_NE(svg.find(">rome</text>"), std::string::npos);
  EXPECT_NE(svg.find("3 words of "), std::string::npos);
  EXPECT_NE(berta("plot", {}).out.find("6 words of "), std::string::npos);
  EXPECT_NE(berta("plot", {"--input", "-"}, "rome\nspain\n").out.find("2 words of "), std::string::npos);
  EXPECT_EQ(berta("plot", {"oslo", "--output", output}).status, 1);
  EXPECT_EQ(read_text(output), svg);  // nothing was written
}

TEST_F(WordvecEval, Features) {
  EXPECT_EQ(berta("features", {"france paris oslo", "none"}).out,
            "[0.5, 0.5, 1.0, 0.0, 0.0]\n[0.0, 0.0, 0.0, 0.0, 0.0]\n");
  EXPECT_EQ(berta("features", {"--lowercase"}, "{\"id\": 3, \"text\": \"FRANCE\"}\n").out,
            "{\"id\": 3, \"output\": [1.0, 0.0, 1.0, 0.0, 0.0]}\n");
  EXPECT_EQ(berta("features", {"rome", "--output", folder_.path("f.tsv")}).status, 0);
  EXPECT_EQ(read_text(folder_.path("f.tsv")), "0.0\t1.0\t0.0\t0.0\t1.0\n");
  const std::string tensors = folder_.path("f.safetensors");
  EXPECT_EQ(berta("features", {"--output", tensors}, "rome\nspain\nitaly\n").status, 0);
  const std::string file = read_text(tensors);
  EXPECT_NE(file.find("\"features\":{\"dtype\":\"F32\",\"shape\":[3,5]"), std::string::npos);
  const float row[5] = {1, 0, 0, 0, 1};  // of italy, the last
  EXPECT_TRUE(file.ends_with(std::string(reinterpret_cast<const char*>(row), sizeof(row))));
}

TEST_F(WordvecEval, Probe) {
  std::string train = "text\tlabel\n";
  std::string dev;
  for (const char* country : {"france", "spain", "italy"}) train += std::string(country) + "\tcountry\n";
  for (const char* city : {"paris", "madrid", "rome"}) train += std::string(city) + "\tcity\n";
  write_text(folder_.path("train.tsv"), train);
  write_text(folder_.path("dev.tsv"), "city\tROME paris\ncountry\tspain\ncity\titaly\n");
  const io::Json json = json_of(berta(
      "probe", {"--task", folder_.path("train.tsv"), "--dev", folder_.path("train.tsv"), "--l2", "0.01"}));
  EXPECT_EQ(keys_of(json), "train dev labels l2 loss gradient steps converged");
  EXPECT_EQ(number(*json.find("train"), "texts"), 6);
  EXPECT_EQ(number(*json.find("train"), "accuracy"), 1);
  EXPECT_LE(number(json, "gradient"), 1e-7);
  EXPECT_EQ(json.find("labels")->as_array("labels")[0].as_string("label"), "city");
  write_text(folder_.path("plain.tsv"),
             "country\tfrance\ncountry\tspain\ncountry\titaly\ncity\tparis\ncity\tmadrid\n");
  const io::Json other = json_of(
      berta("probe", {"--task", folder_.path("plain.tsv"), "--dev", folder_.path("dev.tsv"), "--lowercase"}));
  EXPECT_EQ(number(*other.find("dev"), "correct"), 2);
  EXPECT_EQ(number(*other.find("dev"), "unknown_words"), 0);
  EXPECT_EQ(berta("probe", {}).status, 2);
  EXPECT_EQ(berta("probe", {"--task", folder_.path("vectors.txt")}).status, 1);
}

}  // namespace
}  // namespace berta::test
