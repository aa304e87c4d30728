#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "infer/model.h"

namespace berta::infer {
namespace {

namespace fs = std::filesystem;

/// A copy of one loading golden whose config.json can be edited.
class ConfigFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "berta_config_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::copy(std::string(BERTA_TEST_DATA) + "/goldens/loading/safetensors-f32", folder_);
    std::ifstream in(folder_ + "/config.json");
    config_.assign(std::istreambuf_iterator<char>(in), {});
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Puts `key: value` in front of the others; an equal key behind it is cut out.
  void set(const std::string& key, const std::string& value) {
    const auto at = config_.find("\"" + key + "\"");
    if (at != std::string::npos) {
      auto end = config_.find(":", at) + 1;
      int depth = 0;
      while (depth > 0 || (config_[end] != ',' && config_[end] != '}')) {
        if (config_[end] == '[' || config_[end] == '{') ++depth;
        if (config_[end] == ']' || config_[end] == '}') --depth;
        ++end;
      }
      config_.replace(at, end - at, "\"" + key + "\": " + value);
    } else {
      config_.insert(config_.find('{') + 1, "\"" + key + "\": " + value + ",");
    }
    std::ofstream(folder_ + "/config.json") << config_;
  }

  std::string message() const {
    try {
      Model::load(folder_);
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  }

  std::string folder_;
  std::string config_;
};

TEST_F(ConfigFile, WrongValuesAreNamedWithFileAndKey) {
  const std::pair<std::string, std::string> bad[] = {{"hidden_size", "-1"},
                                                     {"hidden_size", "\"wide\""},
                                                     {"hidden_size", "99999999999"},
                                                     {"num_hidden_layers", "0"},
                                                     {"num_hidden_layers", "1e9"},
                                                     {"num_attention_heads", "0"},
                                                     {"num_attention_heads", "7"},
                                                     {"intermediate_size", "2.5"},
                                                     {"hidden_act", "\"sofplus\""},
                                                     {"layer_norm_eps", "NaN"},
                                                     {"layer_norm_eps", "-1e-7"},
                                                     {"vocab_size", "3"},
                                                     {"position_buckets", "1"},
                                                     {"pos_att_type", "\"c2p|p2p\""},
                                                     {"pos_att_type", "7"},
                                                     {"conv_kernel_size", "4"},
                                                     {"model_type", "\"roberta\""},
                                                     {"talking_head", "true"},
                                                     {"id2label", "{\"0\": \"a\", \"7\": \"b\"}"},
                                                     {"id2label", "[]"},
                                                     {"embedding_size", "1048577"},
                                                     {"max_relative_positions", "1e300"},
                                                     {"pooler_hidden_size", "3"},
                                                     {"relative_attention", "\"yes\""}};
  const std::string original = config_;
  for (const auto& [key, value] : bad) {
    config_ = original;
    set(key, value);
    const std::string text = message();
    EXPECT_NE(text.find("config.json"), std::string::npos) << key << " = " << value << ": " << text;
    EXPECT_NE(text.find(key), std::string::npos) << key << " = " << value << ": " << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
}

TEST_F(ConfigFile, EveryKeyTellsItsOrigin) {
  const auto loaded = Model::load(folder_);
  const auto origin = [&](const std::string& key) {
    for (const ConfigEntry& entry : loaded->info().entries) {
      if (entry.key == key) return static_cast<int>(entry.origin);
    }
    return -1;
  };
  EXPECT_EQ(origin("hidden_size"), static_cast<int>(Origin::file));
  EXPECT_EQ(origin("conv_kernel_size"), static_cast<int>(Origin::preset));
}

TEST_F(ConfigFile, UnknownKeysAreKeptByName) {
  set("a_key_of_the_future", "1");
  const auto loaded = Model::load(folder_);
  const auto& unknown = loaded->info().unknown_keys;
  EXPECT_NE(std::find(unknown.begin(), unknown.end(), "a_key_of_the_future"), unknown.end());
}

TEST_F(ConfigFile, MissingFileSaysWhatWasLookedFor) {
  fs::remove(folder_ + "/config.json");
  const std::string text = message();
  EXPECT_NE(text.find("config.json"), std::string::npos) << text;
}

// Position terms count for the scale even with relative attention off; pos_att_type is a string or a list.
TEST_F(ConfigFile, ScoreTermsFollowTheDialect) {
  const auto terms = [&] { return Model::load(folder_)->info().config.score_terms; };
  set("pos_att_type", "\"p2c|c2p\"");
  EXPECT_EQ(terms(), 3);
  set("pos_att_type", "[\"c2p\"]");
  EXPECT_EQ(terms(), 2);
  set("pos_att_type", "\"none\"");
  EXPECT_EQ(terms(), 1);
  set("pos_att_type", "null");
  EXPECT_EQ(terms(), 1);
}

}  // namespace
}  // namespace berta::infer
