#include <gtest/gtest.h>

#include <fstream>

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

TEST(Quantize, CalibrationReportsWhatItKept) {
  const TemporaryFolder folder;
  std::ofstream(folder.path("texts.txt")) << "A fine film.\nA dull one.\n";
  const std::vector<std::string> words = {"quantize",         models("sentiment"), "--output",
                                          folder.path("out"), "--calibrate",       folder.path("texts.txt")};
  const Finished plain = run(words);
  EXPECT_EQ(plain.status, 0) << plain.err;
  EXPECT_NE(plain.err.find("on 2 texts; 0 matrices stay bf16"), std::string::npos) << plain.err;
  auto strict = words;
  strict.insert(strict.end(), {"--max-error", "0.001"});
  const Finished kept = run(strict);
  EXPECT_EQ(kept.status, 0) << kept.err;
  EXPECT_NE(kept.err.find("query_proj.weight would lose 0.0"), std::string::npos) << kept.err;
  EXPECT_EQ(run({"classify", folder.path("out"), kText}).status, 0);
  auto wrong = words;
  wrong.insert(wrong.end(), {"--dtype", "bf16"});
  EXPECT_EQ(run(wrong).status, 2);
}

TEST(Quantize, SaysWhatIsMissing) {
  EXPECT_EQ(run({"quantize", models("sentiment")}).status, 2);
  const Finished same = run({"quantize", models("sentiment"), "--output", models("sentiment")});
  EXPECT_EQ(same.status, 1);
  EXPECT_EQ(lines_of(same.err).size(), 1u) << same.err;
}

}  // namespace
}  // namespace berta::test
