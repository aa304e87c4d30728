#include <gtest/gtest.h>

#include "program.h"

namespace berta::test {
namespace {

const std::string kText = "A fine film.";

TEST(Quantize, ThePreparedFolderAnswersAsTheOriginal) {
  for (const std::string dtype : {"f32", "bf16", "int8"}) {
    SCOPED_TRACE(dtype);
    const TemporaryFolder folder;
    const std::string output = folder.path("prepared");
    const Finished made = run({"quantize", models("sentiment"), "--dtype", dtype, "--output", output});
    ASSERT_EQ(made.status, 0) << made.err;
    EXPECT_EQ(made.out, "");
    EXPECT_EQ(lines_of(made.err).size(), 1u) << made.err;
    const Finished original = run({"classify", models("sentiment"), kText, "--dtype", dtype});
    const Finished prepared = run({"classify", output, kText});
    EXPECT_EQ(prepared.status, 0) << prepared.err;
    EXPECT_EQ(prepared.out, original.out);
    EXPECT_EQ(run({"inspect", output, "--json"}).status, 0);
    const Finished other = run({"classify", output, kText, "--backend", "reference"});
    EXPECT_EQ(other.status, 1);
    EXPECT_EQ(lines_of(other.err).size(), 1u) << other.err;
  }
}

TEST(Quantize, SaysWhatIsMissing) {
  EXPECT_EQ(run({"quantize", models("sentiment")}).status, 2);
  const Finished same = run({"quantize", models("sentiment"), "--output", models("sentiment")});
  EXPECT_EQ(same.status, 1);
  EXPECT_EQ(lines_of(same.err).size(), 1u) << same.err;
}

}  // namespace
}  // namespace berta::test
