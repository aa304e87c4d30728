#include <gtest/gtest.h>

#include "io/json.h"
#include "program.h"

namespace berta::test {
namespace {

// The numbers are the tasks' own tests' business; here stand the shapes of the lines.

const std::string& deberta() {
  static const std::string folder = goldens("tasks/deberta");
  return folder;
}

/// The first line of a command on the DeBERTa of the tasks' goldens, parsed.
io::Json line_of(std::vector<std::string> words, const std::string& input = "") {
  words.insert(words.begin() + 1, deberta());
  words.insert(words.end(), {"--tokenizer", models("sentiment")});
  const Finished finished = run(words, input);
  EXPECT_EQ(finished.status, 0) << finished.err;
  if (finished.status != 0) return {};
  return io::parse_json(lines_of(finished.out).front(), words.front());
}

std::string keys_of(const io::Json& object) {
  std::string keys;
  for (const auto& [key, value] : object.as_object("object")) keys += (keys.empty() ? "" : " ") + key;
  return keys;
}

const io::Json& first_of(const io::Json& list) {
  return list.as_array("list").front();
}

TEST(TaskLines, Ner) {
  const std::string text = "Anna Smith was born in London; John, who lives in New York City, is not.";
  EXPECT_EQ(keys_of(first_of(line_of({"ner", text}))), "entity score index word start end");
  const io::Json groups = line_of({"ner", text, "--aggregation", "simple"});
  EXPECT_EQ(keys_of(first_of(groups)), "entity_group score word start end");
  EXPECT_EQ(first_of(groups).find("word")->as_string("word"), "Anna");
  EXPECT_EQ(line_of({"ner", "--ignore-labels", "", text}).as_array("all").size(),
            line_of({"tokenize", "--no-special", text}).find("input_ids")->as_array("ids").size());
}

TEST(TaskLines, Qa) {
  const std::string context = "Ada Lovelace lived in London.";
  const io::Json answer = line_of({"qa", "Where did Ada live?", context});
  EXPECT_EQ(keys_of(answer), "score start end answer");
  const auto start = static_cast<std::size_t>(answer.find("start")->as_integer("start"));
  const auto end = static_cast<std::size_t>(answer.find("end")->as_integer("end"));
  EXPECT_EQ(answer.find("answer")->as_string("answer"), context.substr(start, end - start));
  const io::Json best =
      line_of({"qa", "--top-k", "2"}, "{\"question\": \"Where?\", \"context\": \"" + context + "\"}\n");
  EXPECT_EQ(best.as_array("best").size(), 2u);
  EXPECT_EQ(keys_of(line_of({"qa", "--input-format", "tsv"}, "question\tcontext\nWhere?\t" + context + "\n")),
            "score start end answer");
  EXPECT_EQ(run({"qa", deberta(), "--tokenizer", models("sentiment")}, "plain text\n").status, 1);
}

TEST(TaskLines, ZeroShot) {
  const io::Json line = line_of({"zero-shot", "The film was good.", "--labels", "sports, politics,film"});
  EXPECT_EQ(keys_of(line), "sequence labels scores");
  EXPECT_EQ(line.find("labels")->as_array("labels").size(), 3u);
  double sum = 0;
  for (const io::Json& score : line.find("scores")->as_array("scores")) sum += score.as_number("score");
  EXPECT_NEAR(sum, 1, 1e-5);
  const io::Json own = line_of({"zero-shot"}, "{\"id\": \"x\", \"text\": \"a\", \"labels\": [\"b\"]}\n");
  EXPECT_EQ(keys_of(own), "id output");
  EXPECT_EQ(keys_of(*own.find("output")), "sequence labels scores");
  const Finished none = run({"zero-shot", deberta(), "a", "--tokenizer", models("sentiment")});
  EXPECT_EQ(none.status, 1);
  EXPECT_NE(none.err.find("argument 1: expected a key 'labels' or the option --labels"), std::string::npos)
      << none.err;
}

TEST(TaskLines, Rerank) {
  const auto rank = [](std::vector<std::string> more, const std::string& input = "") {
    std::vector<std::string> words{"rerank", goldens("tasks/bert-one")};
    words.insert(words.end(), more.begin(), more.end());
    const Finished finished = run(words, input);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return io::parse_json(finished.out, "rerank");
  };
  const io::Json line = rank({"where does anna live?", "the river", "Anna lives in London."});
  EXPECT_EQ(line.as_array("line").size(), 2u);
  EXPECT_EQ(keys_of(first_of(line)), "corpus_id score");
  const io::Json best = rank(
      {"--top-k", "1", "--return-documents"},
      "{\"query\": \"where does anna live?\", \"documents\": [\"the river\", \"Anna lives in London.\"]}\n");
  EXPECT_EQ(best.as_array("best").size(), 1u);
  EXPECT_EQ(keys_of(first_of(best)), "corpus_id score text");
  EXPECT_EQ(first_of(best).find("corpus_id")->as_integer("id"),
            first_of(line).find("corpus_id")->as_integer("id"));
}

TEST(TaskLines, FillMask) {
  const io::Json one = line_of({"fill-mask", "the [MASK] film", "--top-k", "3"});
  EXPECT_EQ(one.as_array("one").size(), 3u);
  EXPECT_EQ(keys_of(first_of(one)), "score token token_str sequence");
  const io::Json two = line_of({"fill-mask", "the [MASK] film was [MASK]"});
  EXPECT_EQ(two.as_array("two").size(), 2u);
  EXPECT_EQ(first_of(two).as_array("first").size(), 5u);
  EXPECT_EQ(run({"fill-mask", deberta(), "no mask", "--tokenizer", models("sentiment")}).status, 1);
}

TEST(TaskLines, RtdAndEmbed) {
  EXPECT_EQ(keys_of(first_of(line_of({"rtd", "the film barked"}))), "token id start end score");
  const io::Json mean = line_of({"embed", "A fine film.", "--normalize", "yes"});
  double squares = 0;
  for (const io::Json& value : mean.as_array("vector"))
    squares += value.as_number("value") * value.as_number("value");
  EXPECT_NEAR(squares, 1, 1e-5);
}

TEST(TaskLines, AMissingHeadIsNamed) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"fill-mask", "A [MASK] film."},
                                                {"rtd", "A film."},
                                                {"qa", "What?", "A film."}}) {
    auto all = words;
    all.insert(all.begin() + 1, models("sentiment"));
    const Finished finished = run(all);
    EXPECT_EQ(finished.status, 1) << words.front();
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(lines_of(finished.err).size(), 1u) << finished.err;
  }
}

}  // namespace
}  // namespace berta::test
