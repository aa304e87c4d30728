#include "tasks/sentence_settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/error.h"

namespace berta::tasks {
namespace {

namespace fs = std::filesystem;

class SentenceFolder : public ::testing::Test {
 protected:
  SentenceFolder() : path_(fs::temp_directory_path() / ("berta_sentence_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~SentenceFolder() override { fs::remove_all(path_); }

  void write(const std::string& name, const std::string& content) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << content;
  }
  SentenceSettings read() const { return read_sentence_settings(path_.string()); }
  void expect_error(const std::string& part) const {
    try {
      read();
      FAIL() << "read without an error, expected " << part;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }
  static std::string module(const std::string& type, const std::string& path) {
    return R"([{"idx": 0, "path": ")" + path + R"(", "type": "sentence_transformers.models.)" + type + "\"}]";
  }

  fs::path path_;
};

TEST_F(SentenceFolder, DefaultsWithoutFiles) {
  const SentenceSettings settings = read();
  EXPECT_EQ(settings.poolings, std::vector{Pooling::mean});
  EXPECT_FALSE(settings.normalize);
  EXPECT_EQ(settings.max_length, 0U);
}

TEST_F(SentenceFolder, ReadsAllFiles) {
  write("modules.json", R"([{"path": "", "type": "sentence_transformers.models.Transformer"},
                            {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                            {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])");
  write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens": false, "pooling_mode_lasttoken": true})");
  write("sentence_bert_config.json", R"({"max_seq_length": 256, "do_lower_case": true})");
  write("config_sentence_transformers.json", R"({"prompts": {"q": "query: "}, "default_prompt_name": "q"})");
  const SentenceSettings settings = read();
  EXPECT_EQ(settings.poolings, std::vector{Pooling::last});
  EXPECT_TRUE(settings.normalize && settings.lower_case);
  EXPECT_EQ(settings.max_length, 256U);
  EXPECT_EQ(settings.prompt, "query: ");
}

TEST_F(SentenceFolder, NullsMeanNothing) {
  write("sentence_bert_config.json", R"({"max_seq_length": null})");
  write("config_sentence_transformers.json", R"({"prompts": {}, "default_prompt_name": null})");
  EXPECT_EQ(read().max_length, 0U);
}

TEST_F(SentenceFolder, RefusesOtherModules) {
  write("modules.json", module("Dense", "2_Dense"));
  expect_error("Dense");
}

TEST_F(SentenceFolder, RefusesFoldersElsewhere) {
  write("modules.json", module("Pooling", "../other"));
  expect_error("'../other'");
  write("modules.json", module("Transformer", "0_Transformer"));
  expect_error("0_Transformer");
}

TEST_F(SentenceFolder, NamesFileAndKey) {
  write("modules.json", module("Pooling", "1_Pooling"));
  expect_error("1_Pooling/config.json");
  write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens": 1})");
  expect_error("pooling_mode_mean_tokens");
  write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens": false})");
  expect_error("pooling_mode_");
  write("modules.json", "[{}]");
  expect_error("'type'");
  write("modules.json", "[]");
  write("sentence_bert_config.json", R"({"max_seq_length": 0})");
  expect_error("max_seq_length");
  write("sentence_bert_config.json", "{}");
  write("config_sentence_transformers.json", R"({"default_prompt_name": "q"})");
  expect_error("default_prompt_name");
}

}  // namespace
}  // namespace berta::tasks
