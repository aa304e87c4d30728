#include "tasks/runtime.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "golden_case.h"

namespace berta::tasks {
namespace {

TEST(Runtime, KnowsTheLengthOfATokenizer) {
  const Runtime runtime = testing::make_runtime("deberta");
  EXPECT_EQ(runtime.max_length(LengthRule::generous), 512U);
  EXPECT_EQ(runtime.max_length(LengthRule::tokenizer), 512U);
  EXPECT_EQ(runtime.max_length(LengthRule::sentence), 512U);
}

TEST(Runtime, KeepsToAPositionTable) {
  const Runtime runtime = testing::make_runtime("bert");  // 96 positions, model_max_length 80
  EXPECT_EQ(runtime.max_length(LengthRule::generous), 96U);
  EXPECT_EQ(runtime.max_length(LengthRule::tokenizer), 80U);
  EXPECT_EQ(runtime.max_length(LengthRule::sentence), 80U);
  EXPECT_EQ(testing::make_runtime("bert", {.max_length = 1000}).max_length(LengthRule::generous), 96U);
}

TEST(Runtime, TakesAnyLengthWithRelativePositions) {
  EXPECT_EQ(testing::make_runtime("deberta", {.max_length = 3000}).max_length(LengthRule::generous), 3000U);
}

TEST(Runtime, RefusesEmptyBatches) {
  EXPECT_THROW(testing::make_runtime("bert", {.batch_tokens = 0}), UserError);
}

TEST(Runtime, NamesWhatAFolderLacks) {
  try {
    Runtime::load("/no/such/folder");
    FAIL() << "loaded";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/folder"), std::string::npos) << error.what();
  }
}

TEST(Runtime, LendsSessions) {
  const Runtime runtime = testing::make_runtime("bert");
  infer::Session* first = nullptr;
  {
    const SessionLease a = runtime.session(), b = runtime.session();
    EXPECT_NE(&*a, &*b);
    first = &*a;
  }
  const SessionLease again = runtime.session(), other = runtime.session();
  EXPECT_TRUE(&*again == first || &*other == first);
}

}  // namespace
}  // namespace berta::tasks
