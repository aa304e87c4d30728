#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "golden.h"
#include "io/json.h"

namespace berta::infer {
namespace {

const std::string kLoading = std::string(BERTA_TEST_DATA) + "/goldens/loading";

const io::Json& member(const io::Json& object, const std::string& key) {
  const io::Json* found = object.find(key);
  if (found == nullptr) throw std::out_of_range(key);
  return *found;
}

double worst_logit(const std::string& folder, const io::Json& wanted) {
  const auto session = Model::load(folder)->make_session();
  double worst = 0;
  std::size_t compared = 0;
  for (const auto& input : testing::read_inputs(kLoading + "/inputs.jsonl")) {
    const io::Json* logits = wanted.find(input.id);
    if (logits == nullptr) continue;
    const auto outputs = session->run(input.sequences, {.head = Head::classification});
    const auto& values = logits->as_array(input.id);
    EXPECT_EQ(values.size(), outputs[0].logits.data.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double here =
          std::abs(values[i].as_number(input.id) - static_cast<double>(outputs[0].logits.data.at(i)));
      worst = here <= worst ? worst : here;
      ++compared;
    }
  }
  EXPECT_GT(compared, 0u);
  return worst;
}

// One model in every format, type and naming: the logits are those of the (rounded) weights.
TEST(Loading, EveryVariantGivesItsLogits) {
  const io::Json expected = io::read_json(kLoading + "/expected.json");
  const auto& variants = member(expected, "variants").as_object("variants");
  EXPECT_GE(variants.size(), 37u);
  for (const auto& [name, variant] : variants) {
    SCOPED_TRACE(name);
    const std::string& key = member(variant, "expected").as_string("expected");
    const double worst = worst_logit(kLoading + "/" + name, member(member(expected, "logits"), key));
    EXPECT_LE(worst, member(variant, "tolerance").as_number("tolerance"));
  }
}

TEST(Loading, BadFoldersAreRefusedByName) {
  const io::Json expected = io::read_json(kLoading + "/expected.json");
  for (const auto& [name, part] : member(expected, "errors").as_object("errors")) {
    SCOPED_TRACE(name);
    try {
      Model::load(kLoading + "/" + name);
      ADD_FAILURE() << "loaded";
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find(part.as_string(name)), std::string::npos) << error.what();
    }
  }
}

TEST(Loading, ReportsWhatItDidNotRead) {
  const auto loaded = Model::load(kLoading + "/safetensors-unused-heads");
  EXPECT_FALSE(loaded->report().unused.empty() && loaded->report().heads.size() == 1);
  const auto delta = Model::load(kLoading + "/gdes-delta-only");
  ASSERT_EQ(delta->report().warnings.size(), 1u);
  EXPECT_NE(delta->report().warnings[0].find("_weight"), std::string::npos);
  const auto both = Model::load(kLoading + "/gdes-both");
  EXPECT_TRUE(both->report().warnings.empty());
}

TEST(Loading, MissingHeadIsAnErrorOfItsTask) {
  const auto loaded = Model::load(kLoading + "/safetensors-f32");
  const Sequence sequence{.ids = {1, 2}};
  EXPECT_NO_THROW(loaded->make_session()->run(std::span(&sequence, 1), {.head = Head::classification}));
  try {
    loaded->make_session()->run(std::span(&sequence, 1), {.head = Head::qa});
    FAIL();
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("qa_outputs"), std::string::npos) << error.what();
  }
}

TEST(Session, RefusesBadSequencesByNumberAndPosition) {
  const auto session = Model::load(kLoading + "/safetensors-f32")->make_session();
  const auto message = [&](const Sequence& sequence) -> std::string {
    try {
      session->run(std::span(&sequence, 1), {.head = Head::none});
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(message({.ids = {}}).find("expected at least one id"), std::string::npos);
  EXPECT_NE(message({.ids = {1, -1}}).find("id -1 at position 1"), std::string::npos);
  EXPECT_NE(message({.ids = {1, 1 << 30}}).find("at position 1"), std::string::npos);
  EXPECT_NE(message({.ids = {1, 2}, .types = {0}}).find("token types"), std::string::npos);
  EXPECT_NE(message({.ids = {1}, .mask_positions = {1}, .all_positions = false}).find("mask position 1"),
            std::string::npos);
  EXPECT_EQ(message({.ids = {1, 2, 3}}), "no error");  // the session goes on after errors
}

}  // namespace
}  // namespace berta::infer
