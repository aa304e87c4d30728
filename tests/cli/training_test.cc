#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "program.h"

namespace berta::test {
namespace {

using ::testing::HasSubstr;

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_reviews(const std::string& path) {
  std::ofstream out(path);
  for (int i = 0; i < 400; ++i) {
    out << i % 2 << "\tfilm " << i
        << (i % 2 == 1 ? " is a joy from start to end\n" : " is dull and far too long\n");
  }
}

std::vector<std::string> finetune(const TemporaryFolder& folder, const std::string& output,
                                  std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"finetune",       models("sentiment"),
                                    "--train",        folder.path("reviews.tsv"),
                                    "--text-column",  "2",
                                    "--label-column", "1",
                                    "--dev-share",    "0.1",
                                    "--batch-size",   "8",
                                    "--output",       folder.path(output)};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// The training module is built only where libtorch is.
bool has_module() {
  return std::filesystem::exists(std::filesystem::path(BERTA_COMMAND).parent_path() / "libberta_train.so");
}

TEST(Training, WithoutTheModuleItSaysWhatToInstall) {
  const Finished finished = run({"BERTA_TRAIN_MODULE=/nowhere/module.so", "finetune", models("sentiment"),
                                 "--train", "x.tsv", "--output", "/nowhere/out"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, HasSubstr("no /nowhere/module.so"));
  EXPECT_THAT(finished.err, HasSubstr("pip install torch"));
}

TEST(Training, AsksForWhatIsMissing) {
  EXPECT_EQ(run({"finetune", models("sentiment"), "--output", "/nowhere/out"}).status, 2);
  EXPECT_EQ(run({"finetune", models("sentiment"), "--train", "x.tsv"}).status, 2);
  EXPECT_EQ(run({"pretrain", "--corpus", "x", "--tokenizer", "y", "--config", "z", "--output", "o"}).status,
            2);
}

TEST(Training, ADeviceThatIsNotThereIsNamed) {
  const auto on = [](const std::string& device) {
    return run({"finetune", models("sentiment"), "--train", "x.tsv", "--output", "/nowhere/out", "--device",
                device});
  };
  EXPECT_EQ(on("tpu").status, 2);
  EXPECT_THAT(on("tpu").err, HasSubstr("--device: expected auto, cpu, cuda or cuda:N, found 'tpu'"));
  EXPECT_THAT(on("cuda:x").err, HasSubstr("--device: expected"));
  EXPECT_EQ(on("cuda:-1").status, 2);
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  // No machine has so many.
  EXPECT_EQ(on("cuda:99").status, 1);
  EXPECT_THAT(on("cuda:99").err, HasSubstr("--device cuda"));
}

TEST(Preset, OnesThatAreNotThereAreNamed) {
  const Finished list = run({"finetune", "--preset", "list"});
  EXPECT_EQ(list.status, 0);
  EXPECT_EQ(lines_of(list.out).size(), 57u);
  EXPECT_THAT(list.out, HasSubstr("\nglue/cola:v3-large              10      50 5.5e-06     32      0.1"));
  const auto preset = [](const std::string& name) {
    return run({"finetune", models("sentiment"), "--train", "x.tsv", "--output", "o", "--preset", name});
  };
  EXPECT_EQ(preset("glue/nli").status, 1);
  EXPECT_THAT(preset("glue/nli").err, HasSubstr("expected glue/TASK or glue/TASK:SIZE"));
  EXPECT_THAT(preset("glue/sst2:v3-base").err,
              HasSubstr("(base, large, xlarge, xlarge-v2, xxlarge-v2, v3-large), found 'v3-base'"));
  EXPECT_THAT(preset("glue/sst2").err, HasSubstr("with 4 layers, hidden size 192 and 8001 tokens"));
}

TEST(Preset, SetsWhatIsNotGiven) {
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  const TemporaryFolder folder;
  write_reviews(folder.path("reviews.tsv"));
  const Finished finished = run(
      finetune(folder, "out", {"--preset", "glue/cola:base", "--learning-rate", "3e-4", "--max-steps", "2"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("preset glue/cola:base; as given: --learning-rate, --batch-size"));
  const std::string card = read(folder.path("out/README.md"));
  for (const char* fact : {"| learning\\_rate | 3e-04 |", "| batch\\_size | 8 |",
                           "| metric | matthews\\_correlation |", "| warmup | 100 |", "| max\\_length | 64 |",
                           "| classifier\\_dropout | 0.15 |", "| optimizer | xadam |",
                           "| schedule | microsoft-linear |", "| epsilon | 1e-06 |", "| epochs | 6 |"}) {
    EXPECT_THAT(card, HasSubstr(fact));
  }
}

TEST(Training, AWrongLineOrMetricIsNamed) {
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  const TemporaryFolder folder;
  write_reviews(folder.path("reviews.tsv"));
  std::ofstream(folder.path("reviews.tsv"), std::ios::app) << "1\n";
  EXPECT_THAT(run(finetune(folder, "out")).err, HasSubstr("reviews.tsv: line 401"));
  write_reviews(folder.path("reviews.tsv"));
  const Finished finished = run(finetune(folder, "out", {"--metric", "nonsense"}));
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, HasSubstr("expected one of accuracy"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

TEST(Training, SeveralAreSummarised) {
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  const TemporaryFolder folder;
  write_reviews(folder.path("reviews.tsv"));
  const Finished finished = run(finetune(folder, "out", {"--max-steps", "3", "--seeds", "5,6"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("\"steps\": 6, \"accuracy\": "));
  EXPECT_THAT(finished.out, HasSubstr("\"accuracy_sd\": "));
  EXPECT_THAT(finished.out, HasSubstr("\"best\": \"" + folder.path("out/seed-")));
  // The names of the model, not the numbers of the data.
  EXPECT_THAT(finished.err, HasSubstr("the data's labels 0 to 1 are negative, positive"));
  EXPECT_THAT(read(folder.path("out/seed-6/config.json")), HasSubstr("\"1\":\"positive\""));
  EXPECT_EQ(run(finetune(folder, "out", {"--folds", "3"})).status, 2);  // and --dev-share
}

TEST(Training, AModelSavedInHalvesIsTheSameRounded) {
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  const TemporaryFolder folder;
  write_reviews(folder.path("reviews.tsv"));
  const auto score_of = [&](const std::string& dtype) {
    const Finished trained = run(finetune(folder, dtype, {"--max-steps", "2", "--save-dtype", dtype}));
    EXPECT_EQ(trained.status, 0) << trained.err;
    const Finished classified =
        run({"classify", folder.path(dtype), "A film that is neither here nor there."});
    const std::size_t at = classified.out.find("\"score\": ");
    EXPECT_NE(at, std::string::npos) << classified.out << classified.err;
    return at == std::string::npos ? -1 : std::stod(classified.out.substr(at + 9));
  };
  const auto size_of = [&](const std::string& dtype) {
    return std::filesystem::file_size(folder.path(dtype + "/model.safetensors"));
  };
  const double full = score_of("f32");
  EXPECT_NEAR(score_of("f16"), full, 1e-3);
  EXPECT_NEAR(score_of("bf16"), full, 2e-2);
  EXPECT_LT(size_of("f16"), size_of("f32") * 51 / 100);
  EXPECT_LT(size_of("bf16"), size_of("f32") * 51 / 100);
  EXPECT_THAT(read(folder.path("f16/config.json")), HasSubstr("\"torch_dtype\":\"float16\""));
  EXPECT_THAT(read(folder.path("bf16/config.json")), HasSubstr("\"torch_dtype\":\"bfloat16\""));
}

TEST(Training, ADryRunWritesNothing) {
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  const TemporaryFolder folder;
  write_reviews(folder.path("reviews.tsv"));
  const Finished text = run(finetune(folder, "out", {"--dry-run"}));
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("steps                         135\n"));
  EXPECT_THAT(text.out, HasSubstr("examples to evaluate          40\n"));
  EXPECT_THAT(text.out, HasSubstr("  " + folder.path("out/model.safetensors") + "\n"));
  const Finished json = run(finetune(folder, "out", {"--dry-run", "--json"}));
  EXPECT_THAT(json.out, HasSubstr("\"examples\": 360"));
  EXPECT_THAT(json.out, HasSubstr("\"memory\": "));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

/// Options of a small pretraining on the reviews.
std::vector<std::string> pretrain(const TemporaryFolder& folder, const std::string& output,
                                  std::vector<std::string> more) {
  if (!std::filesystem::exists(folder.path("corpus"))) {
    write_reviews(folder.path("reviews.tsv"));
    EXPECT_EQ(run({"corpus", "prepare", folder.path("reviews.tsv"), "--tokenizer", models("sentiment"),
                   "--output", folder.path("corpus"), "--held-out", "0.1"})
                  .status,
              0);
    std::ofstream(folder.path("config.json"))
        << R"({"model_type": "deberta-v2", "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
               "intermediate_size": 32, "relative_attention": true, "pos_att_type": "c2p|p2c",
               "position_buckets": 8, "norm_rel_ebd": "layer_norm", "share_att_key": true, "type_vocab_size": 0,
               "position_biased_input": false, "max_position_embeddings": 32})";
  }
  std::vector<std::string> words = {"pretrain",
                                    "--corpus",
                                    folder.path("corpus"),
                                    "--tokenizer",
                                    models("sentiment"),
                                    "--config",
                                    folder.path("config.json"),
                                    "--output",
                                    folder.path(output),
                                    "--max-length",
                                    "22",
                                    "--batch-size",
                                    "4"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Training, TokensThatAreDroppedCountAsText) {
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  const TemporaryFolder folder;
  const auto plan = [&](const std::string& rate) {
    return run(pretrain(folder, "out", {"--max-steps", "6", "--dry-run", "--token-drop", rate})).out;
  };
  EXPECT_THAT(plan("0"), HasSubstr("tokens a step                 88\n"));
  EXPECT_THAT(plan("0"), Not(HasSubstr("not dropped")));
  EXPECT_THAT(plan("0.25"), HasSubstr("tokens a step                 88\n"));
  EXPECT_THAT(plan("0.25"), HasSubstr("tokens a step not dropped     68\n"));
  EXPECT_EQ(run(pretrain(folder, "out", {"--max-steps", "6", "--token-drop", "1"})).status, 2);
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

TEST(Training, APretrainingThatDropsTokensIsStoppedAndGoesOn) {
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  const TemporaryFolder folder;
  const auto arguments = [&](const std::string& output, const std::string& rate) {
    return pretrain(folder, output,
                    {"--objective", "rtd", "--max-steps", "150", "--checkpoint-steps", "5", "--resume",
                     "--token-drop", rate});
  };
  EXPECT_EQ(run(arguments("straight", "0.25")).status, 0);
  {
    Program program(arguments("killed", "0.25"));
    const std::string index = folder.path("killed/checkpoint/checkpoint.json");
    for (int i = 0; i < 3000 && !std::filesystem::exists(index); ++i)
      program.read_line(std::chrono::milliseconds(10));
    program.send_signal(SIGKILL);
    EXPECT_EQ(program.finish().status, 128 + SIGKILL);
  }
  EXPECT_THAT(run(arguments("killed", "0.5")).err,
              HasSubstr("begun with token_drop '0.25'; to resume it expected the same, found '0.5'"));
  EXPECT_THAT(run(arguments("killed", "0.25")).err, HasSubstr("going on at step"));
  for (const char* part : {"generator", "discriminator"}) {
    const std::string file = std::string("/") + part + "/model.safetensors";
    EXPECT_TRUE(read(folder.path("straight" + file)) == read(folder.path("killed" + file)));
  }
  EXPECT_FALSE(read(folder.path("straight/generator/model.safetensors")).empty());
}

TEST(Training, AKilledOneGoesOnToTheSameBits) {
  if (!has_module()) GTEST_SKIP() << "built without libtorch";
  const TemporaryFolder folder;
  write_reviews(folder.path("reviews.tsv"));
  const std::vector<std::string> more = {"--max-steps", "60", "--checkpoint-steps", "5", "--resume"};
  EXPECT_EQ(run(finetune(folder, "straight", more)).status, 0);
  {
    Program program(finetune(folder, "killed", more));
    const std::string index = folder.path("killed/checkpoint/checkpoint.json");
    for (int i = 0; i < 3000 && !std::filesystem::exists(index); ++i)
      program.read_line(std::chrono::milliseconds(10));
    program.send_signal(SIGKILL);
    EXPECT_EQ(program.finish().status, 128 + SIGKILL);
  }
  EXPECT_THAT(run(finetune(folder, "killed", more)).err, HasSubstr("going on at step"));
  const std::string weights = read(folder.path("straight/model.safetensors"));
  EXPECT_GT(weights.size(), 1000u);
  EXPECT_TRUE(weights == read(folder.path("killed/model.safetensors")));
  EXPECT_THAT(run(finetune(folder, "killed", more)).err, HasSubstr("the training is over"));
}

}  // namespace
}  // namespace berta::test
