#include <gtest/gtest.h>

#include "program.h"

namespace berta::test {
namespace {

const char* const kCommands[] = {"classify", "ner",   "qa",         "zero-shot", "rerank",  "fill-mask",
                                 "rtd",      "embed", "encode",     "tokenize",  "inspect", "verify",
                                 "doctor",   "bench", "completion", "man"};

TEST(Usage, VersionAndHelp) {
  const Finished version = run({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.out.starts_with("berta 0.")) << version.out;
  const Finished help = run({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const std::string command : kCommands) {
    EXPECT_NE(help.out.find("\n  " + command + " "), std::string::npos) << command;
  }
}

TEST(Usage, EveryCommandHasHelpWithAnExample) {
  for (const std::string command : kCommands) {
    const Finished help = run({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_NE(help.out.find("Example:\n"), std::string::npos) << command;
    EXPECT_EQ(run({"help", command}).out, help.out);
  }
}

TEST(Usage, WrongUseIsStatusTwoInOneLine) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"clasify", models("sentiment")},
      {"classify"},
      {"classify", models("sentiment"), "--no-such-flag"},
      {"classify", models("sentiment"), "--top-k", "many"},
      {"classify", models("sentiment"), "--top-k"},
      {"classify", models("sentiment"), "--truncate", "middle"},
      {"classify", models("sentiment"), "text", "--dtype", "f64"},
      {"classify", models("sentiment"), "text", "--input", "file.txt"},
      {"classify", models("sentiment"), "text", "--dtype", "int8", "--backend", "reference"},
      {"verify", models("sentiment"), "--dtype", "bf16"},
      {"ner", models("sentiment"), "text", "--stride", "3"},
      {"qa", models("sentiment"), "a question alone"},
      {"rerank", models("sentiment"), "a query alone"},
      {"inspect", models("sentiment"), "more"},
      {"doctor", "more"},
      {"completion", "tcsh"},
      {"BERTA_TOP_K=many", "classify", models("sentiment"), "text"},
  };
  for (const auto& words : wrong) {
    const Finished finished = run(words);
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_EQ(lines_of(finished.err).size(), 1u) << finished.err;
    EXPECT_EQ(finished.out, "");
  }
  EXPECT_NE(run({"clasify"}).err.find("did you mean classify?"), std::string::npos);
}

TEST(Usage, MissingModelIsStatusOne) {
  for (const std::string command : {"classify", "tokenize", "encode", "inspect", "verify", "bench"}) {
    const Finished finished = run({command, "no/such/folder"}, "text\n");
    EXPECT_EQ(finished.status, 1) << command;
    EXPECT_EQ(lines_of(finished.err).size(), 1u) << finished.err;
    EXPECT_NE(finished.err.find("no/such/folder"), std::string::npos) << finished.err;
  }
}

TEST(Usage, OptionsFromTheEnvironmentAndTheLine) {
  const std::string model = models("sentiment");
  EXPECT_EQ(run({"BERTA_MAX_LENGTH=4", "tokenize", model, "a b c d e f"}).out,
            run({"tokenize", model, "--max-length=4", "a b c d e f"}).out);
  EXPECT_EQ(run({"BERTA_MAX_LENGTH=4", "tokenize", model, "a b c d e f", "--max-length", "5"}).out,
            run({"tokenize", model, "a b c d e f", "--max-length", "5"}).out);
  EXPECT_EQ(run({"BERTA_NO_SPECIAL=1", "tokenize", model, "a"}).out,
            run({"tokenize", model, "a", "--no-special"}).out);
}

TEST(Usage, TextsThatLookLikeOptions) {
  const std::string model = models("sentiment");
  EXPECT_EQ(run({"tokenize", model, "-5"}).status, 0);
  EXPECT_EQ(run({"tokenize", model, "--", "--quiet"}).status, 0);
  EXPECT_EQ(run({"tokenize", model, "[CLS] fine [SEP]"}).out.find("\"tokens\": [\"[CLS]\", \"[CLS]\""),
            run({"tokenize", model, "[CLS] fine [SEP]"}).out.find("\"tokens\""));
}

TEST(Usage, CompletionAndManualNameEveryCommand) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Finished finished = run({"completion", shell});
    EXPECT_EQ(finished.status, 0);
    EXPECT_NE(finished.out.find("zero-shot"), std::string::npos);
    EXPECT_NE(finished.out.find("multi-label"), std::string::npos);
  }
  const Finished manual = run({"man"});
  EXPECT_TRUE(manual.out.starts_with(".TH BERTA 1"));
  EXPECT_NE(run({"man", "--markdown"}).out.find("## berta zero-shot"), std::string::npos);
}

TEST(Usage, TheCommandsPageIsOfThisVersion) {
  EXPECT_EQ(read_text(BERTA_TEST_DATA "/../docs/commands.md"), run({"man", "--markdown"}).out)
      << "make it again: berta man --markdown >docs/commands.md";
}

}  // namespace
}  // namespace berta::test
