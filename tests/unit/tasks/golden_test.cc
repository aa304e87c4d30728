#include <gtest/gtest.h>

#include "golden_case.h"
#include "json_tools.h"

namespace berta::tasks::testing {
namespace {

/// The real pipelines' answers: everything equal, scores to 1e-5.
class TaskGolden : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(TaskGolden, SameAsThePipeline) {
  const GoldenCase& golden = GetParam();
  const auto& expected = golden.at("expected").as_array("expected");
  const io::Json actual = run_case(golden);
  ASSERT_EQ(actual.as_array("actual").size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(difference(expected[i], actual.as_array("actual")[i]), "") << "input " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, TaskGolden, ::testing::ValuesIn(read_golden_cases()),
                         [](const auto& found) { return found.param.name; });

}  // namespace

void PrintTo(const GoldenCase& golden, std::ostream* out) {
  *out << golden.name;
}

}  // namespace berta::tasks::testing
