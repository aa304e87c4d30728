#include <gtest/gtest.h>

#include <filesystem>

#include "io/json.h"
#include "program.h"

namespace berta::test {
namespace {

TEST(Tokenize, TheLineOfTheContract) {
  const Finished finished = run({"tokenize", models("sentiment")}, "{\"id\": 7, \"text\": \"a b\"}\n");
  EXPECT_EQ(finished.out,
            "{\"id\": 7, \"input_ids\": [1, 265, 1087, 2], \"tokens\": [\"[CLS]\", \"\xe2\x96\x81"
            "a\", \"\xe2\x96\x81"
            "b\", \"[SEP]\"], "
            "\"offsets\": [[0, 0], [0, 1], [1, 3], [0, 0]]}\n");
  const std::string bare = run({"tokenize", models("sentiment"), "a b", "--tokenizer-mode", "spm"}).out;
  EXPECT_NE(bare.find("\"input_ids\": [265, 1087]"), std::string::npos) << bare;
  const std::string special =
      run({"tokenize", models("sentiment"), "a b", "--tokenizer-mode", "spm", "--special"}).out;
  EXPECT_NE(special.find("\"input_ids\": [1, 265, 1087, 2]"), std::string::npos) << special;
}

TEST(Tokenize, NeedsNoConfig) {
  const TemporaryFolder folder;
  for (const char* name :
       {"spm.model", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json"}) {
    std::filesystem::copy(models(std::string("sentiment/") + name), folder.path(name));
  }
  EXPECT_EQ(run({"tokenize", folder.path(""), "some text"}).out,
            run({"tokenize", models("sentiment"), "some text"}).out);
}

TEST(Inspect, KeysTellWhereTheyComeFrom) {
  const Finished finished = run({"inspect", models("sentiment"), "--json"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const io::Json json = io::parse_json(finished.out, "inspect");
  const io::Json* config = json.find("config");
  ASSERT_NE(config, nullptr);
  const auto origin = [&](const char* key) { return config->find(key)->find("origin")->as_string(key); };
  EXPECT_EQ(origin("hidden_size"), "file");
  EXPECT_EQ(origin("conv_kernel_size"), "default");
  EXPECT_EQ(config->find("hidden_size")->find("value")->as_integer("hidden_size"), 192);
  EXPECT_EQ(json.find("parameters")->as_integer("parameters"), 3452162);
  EXPECT_EQ(json.find("tokenizer")->find("mask_id")->as_integer("mask_id"), 8000);
  EXPECT_TRUE(json.find("missing")->as_array("missing").empty());
  const std::string text = run({"inspect", models("sentiment")}).out;
  EXPECT_NE(text.find("labels        negative, positive"), std::string::npos) << text;
}

TEST(Inspect, WithoutTokenizerAndWithMissingTensors) {
  const Finished bare = run({"inspect", goldens("model/v1-both")});
  EXPECT_EQ(bare.status, 0) << bare.err;
  EXPECT_NE(bare.out.find("none: "), std::string::npos);
  const Finished missing = run({"inspect", goldens("loading/bad-missing-tensor")});
  EXPECT_EQ(missing.status, 1);
  EXPECT_EQ(lines_of(missing.err).size(), 1u) << missing.err;
  EXPECT_NE(missing.out.find("missing       "), std::string::npos);
  const Finished shape = run({"inspect", goldens("loading/bad-shape")});
  EXPECT_EQ(shape.status, 1);
  EXPECT_NE(shape.err.find("expected shape"), std::string::npos) << shape.err;
}

TEST(Inspect, EveryGoldenFolderAsJson) {
  for (const auto& entry : std::filesystem::directory_iterator(goldens("model"))) {
    const Finished finished = run({"inspect", entry.path().string(), "--json"});
    if (entry.path().string().ends_with("talking-head")) continue;  // refused by name
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_NO_THROW(io::parse_json(finished.out, entry.path().string()));
  }
}

TEST(Doctor, NamesTheKernels) {
  const Finished finished = run({"doctor"});
  EXPECT_EQ(finished.status, 0);
  for (const char* word : {"kernels", "Highway", "cores", "memory"}) {
    EXPECT_NE(finished.out.find(word), std::string::npos) << word;
  }
  EXPECT_TRUE(io::parse_json(run({"doctor", "--json"}).out, "doctor").is_object());
}

TEST(Bench, ASmallTable) {
  const Finished finished = run({"bench", models("sentiment"), "--lengths", "16,32", "--batches", "1",
                                 "--seconds", "0.01", "--input", models("demo/reviews.tsv"), "--json"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const io::Json json = io::parse_json(finished.out, "bench");
  EXPECT_EQ(json.find("runs")->as_array("runs").size(), 2u);
  EXPECT_EQ(json.find("texts")->find("texts")->as_integer("texts"), 40);
  EXPECT_GT(json.find("peak_memory_bytes")->as_integer("peak"), 1 << 20);
}

}  // namespace
}  // namespace berta::test
