#include "metrics/entities.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "golden.h"

namespace berta::metrics {
namespace {

std::vector<Tags> sentences(const io::Json& golden, const char* key) {
  std::vector<Tags> result;
  for (const io::Json& tags : golden.find(key)->as_array(key)) result.push_back(strings(tags));
  return result;
}

void expect_score(const FScore& score, const std::vector<double>& expected, const std::string& what) {
  expect_close(score.precision, expected.at(0), what + " precision");
  expect_close(score.recall, expected.at(1), what + " recall");
  expect_close(score.f1, expected.at(2), what + " f1");
}

std::string text_of(std::span<const TaggedEntity> entities) {
  std::string text;
  for (const TaggedEntity& one : entities) {
    text += one.type + " " + std::to_string(one.begin) + "-" + std::to_string(one.end) + "; ";
  }
  return text;
}

TEST(Entities, FoundAsSeqeval) {
  for (const io::Json& golden : golden_cases("entities")) {
    const auto expected = sentences(golden, "expected");
    const auto& found = golden.find("found")->as_array("found");
    for (std::size_t i = 0; i < expected.size(); ++i) {
      std::vector<TaggedEntity> wanted;
      for (const io::Json& entity : found[i].as_array("found")) {
        const auto& parts = entity.as_array("entity");
        wanted.push_back({.type = parts[0].as_string("type"),
                          .begin = static_cast<std::size_t>(parts[1].as_integer("begin")),
                          .end = static_cast<std::size_t>(parts[2].as_integer("end"))});
      }
      EXPECT_EQ(text_of(find_entities(expected[i])), text_of(wanted)) << testing::PrintToString(expected[i]);
    }
  }
}

TEST(Entities, ScoredAsSeqeval) {
  for (const io::Json& golden : golden_cases("entities")) {
    const auto expected = sentences(golden, "expected");
    const EntityScores scores = score_entities(expected, sentences(golden, "predicted"));
    expect_close(scores.accuracy, number(golden, "accuracy"), "accuracy");
    expect_score(scores.overall, numbers(golden, "micro"), "micro");
    if (golden.find("macro")) {
      expect_score(scores.macro, numbers(golden, "macro"), "macro");
      expect_score(scores.weighted, numbers(golden, "weighted"), "weighted");
    }
    const auto& types = golden.find("types")->as_object("types");
    ASSERT_EQ(scores.types.size(), types.size());
    for (const auto& [type, score] : scores.types) {
      const io::Json* wanted = golden.find("types")->find(type);
      ASSERT_NE(wanted, nullptr) << type;
      expect_score(score, numbers(*wanted), type);
      EXPECT_EQ(static_cast<double>(score.support), numbers(*wanted)[3]);
    }
  }
}

TEST(Entities, NamesOfTheMetrics) {
  const std::vector<Tags> tags{{"B-PER", "I-PER", "O", "B-LOC"}};
  const std::vector<Tags> said{{"B-PER", "I-PER", "O", "O"}};
  const Metrics metrics = entity_metrics(score_entities(tags, said));
  EXPECT_DOUBLE_EQ(value_of(metrics, "precision"), 1);
  EXPECT_DOUBLE_EQ(value_of(metrics, "recall"), 0.5);
  EXPECT_DOUBLE_EQ(value_of(metrics, "accuracy"), 0.75);
  EXPECT_DOUBLE_EQ(value_of(metrics, "PER_f1"), 1);
  EXPECT_DOUBLE_EQ(value_of(metrics, "LOC_f1"), 0);
}

TEST(Entities, RefusesEmptyTagsAndOtherLengths) {
  const auto message = [](const std::vector<Tags>& expected, const std::vector<Tags>& predicted) {
    try {
      score_entities(expected, predicted);
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message({{"O"}, {"O", ""}}, {{"O"}, {"O", "O"}}),
            "sentence 2: word 2: expected a tag, found an empty one");
  EXPECT_EQ(message({{"O", "O"}}, {{"O"}}), "sentence 1: expected 2 tags, found 1");
  EXPECT_TRUE(std::isnan(score_entities({}, {}).accuracy));
  EXPECT_TRUE(find_entities({}).empty());
}

}  // namespace
}  // namespace berta::metrics
