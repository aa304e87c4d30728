// Tokenizer folders: what is looked for, what the JSON files may say, and bad ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "core/utf8.h"
#include "protobuf_writer.h"
#include "tokenizer/hf_config.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = fs::temp_directory_path() / ("berta-" + std::string(test->name()));
    fs::remove_all(path_);
    fs::create_directories(path_);
    write("spm.model", small_spm_model());
  }
  void TearDown() override { fs::remove_all(path_); }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::shared_ptr<const Tokenizer> load(Mode mode = Mode::hf4) {
    return load_tokenizer(path_.string(), mode);
  }
  std::string error(Mode mode = Mode::hf4) {
    try {
      load(mode);
    } catch (const UserError& e) {
      return e.what();
    }
    return "";
  }

  fs::path path_;
};

TEST_F(Folder, NeedsNoJson) {
  const auto tokenizer = load();
  EXPECT_EQ(tokenizer->size(), 34);  // [MASK] comes after the pieces
  EXPECT_EQ(tokenizer->id("[MASK]"), 33);
  EXPECT_EQ(tokenizer->encode("the", {}).ids, (Ids{1, 31, 2}));
  EXPECT_EQ(load(Mode::spm)->encode("the", {.add_special_tokens = false}).ids, (Ids{31}));
  EXPECT_EQ(load(Mode::hf5)->specials().pad, 0);
}

TEST_F(Folder, ListsWhatWasLookedFor) {
  fs::remove(path_ / "spm.model");
  for (const Mode mode : {Mode::automatic, Mode::hf4}) {
    const std::string message = error(mode);
    EXPECT_EQ(message.rfind(path_.string() + ": expected a tokenizer", 0), 0u) << message;
    EXPECT_NE(message.find("spm.model, vocab.json with merges.txt, or vocab.txt"), std::string::npos)
        << message;
  }
  EXPECT_NE(error(Mode::automatic).find("tokenizer.json"), std::string::npos);
}

TEST_F(Folder, NamesTheBadFile) {
  const auto expect = [&](const char* name, const char* text, const char* words) {
    write(name, text);
    const std::string message = error();
    EXPECT_NE(message.find(std::string("/") + name), std::string::npos) << message;
    EXPECT_NE(message.find(words), std::string::npos) << message;
    fs::remove(path_ / name);
  };
  expect("tokenizer_config.json", "[]", "object");
  expect("tokenizer_config.json", "{", "");
  expect("tokenizer_config.json", R"({"do_lower_case": 1})", "key 'do_lower_case'");
  expect("tokenizer_config.json", R"({"model_max_length": "x"})", "key 'model_max_length'");
  expect("tokenizer_config.json", R"({"cls_token": 5})", "key 'cls_token'");
  expect("tokenizer_config.json", R"({"added_tokens_decoder": []})", "key 'added_tokens_decoder'");
  expect("tokenizer_config.json", R"({"added_tokens_decoder": {"x": "[MASK]"}})", "token ids as keys");
  expect("tokenizer_config.json", R"({"added_tokens_decoder": {"-1": "[MASK]"}})", "token ids as keys");
  expect("tokenizer_config.json", R"({"added_tokens_decoder": {"4": {"content": 1}}})",
         "added_tokens_decoder.4.content");
  expect("tokenizer_config.json", R"({"added_tokens_decoder": {"4": {"content": "a", "lstrip": 1}}})",
         "lstrip");
  expect("special_tokens_map.json", R"({"mask_token": {}})", "key 'mask_token'");
  expect("special_tokens_map.json", R"({"additional_special_tokens": [1]})", "additional_special_tokens");
  expect("added_tokens.json", R"({"[MASK]": "33"})", "key '[MASK]'");
  expect("added_tokens.json", "null", "object");
}

TEST_F(Folder, NamesTheBadModel) {
  write("spm.model", "");
  EXPECT_EQ(error(), (path_ / "spm.model").string() + ": field 'pieces': expected pieces, found none");
  write("spm.model", small_spm_model("abc"));
  EXPECT_NE(error().find("spm.model: field 'normalizer_spec.precompiled_charsmap': expected"),
            std::string::npos);
}

TEST_F(Folder, ReadsFlagsAndLimits) {
  write("tokenizer_config.json",
        R"({"do_lower_case": true, "model_max_length": 77, "clean_up_tokenization_spaces": null})");
  const auto tokenizer = load();
  EXPECT_EQ(tokenizer->model_max_length(), 77u);
  EXPECT_EQ(tokenizer->encode("THE", {}).ids, (Ids{1, 31, 2}));
  EXPECT_EQ(config_text(read_hf_files(path_.string()), "tokenizer_class"), std::nullopt);
}

TEST_F(Folder, AddsTokensOfFineTunedModels) {
  write("special_tokens_map.json", R"({"mask_token": "[MASK]", "additional_special_tokens": ["<e>"]})");
  write("added_tokens.json", R"({"[MASK]": 33, "<e>": 34, "QQ": 35})");
  for (const Mode mode : {Mode::hf4, Mode::hf5}) {
    const auto tokenizer = load(mode);
    EXPECT_EQ(tokenizer->encode("a<e>QQ[MASK]", {}).ids, (Ids{1, 4, 5, 34, 35, 33, 2}));
    EXPECT_EQ(tokenizer->size(), 36);
  }
  EXPECT_EQ(load(Mode::hf4)->decode(Ids{34, 35}, true), "QQ");
  EXPECT_EQ(load(Mode::hf5)->decode(Ids{34, 35}, true), "<e>QQ");  // transformers 5 drops the list
}

TEST_F(Folder, UserDefinedPiecesStayWhole) {
  ProtobufWriter model;
  model.bytes(1, spm_piece("[UNK]", 0, 2))
      .bytes(1, spm_piece("\xE2\x96\x81", -2, 1))
      .bytes(1, spm_piece("b", -1, 1));
  model.bytes(1, spm_piece("A b", 0, 4)).bytes(1, spm_piece("A", -1, 1)).bytes(2, "").bytes(3, "");
  write("spm.model", model.text());
  EXPECT_EQ(load(Mode::spm)->encode("bA b", {.add_special_tokens = false}).ids, (Ids{1, 2, 4, 1, 2}));
  EXPECT_EQ(load(Mode::hf4)->encode("bA b", {.add_special_tokens = false}).ids, (Ids{1, 2, 3}));
}

/// Texts of what tokenizers stumble over.
std::string random_text() {
  std::string text;
  const auto pieces = *rc::gen::container<std::vector<std::pair<int, std::uint32_t>>>(
      rc::gen::pair(rc::gen::inRange(0, 5), rc::gen::inRange<std::uint32_t>(0, 0x110000)));
  for (const auto& [kind, c] : pieces) {
    constexpr std::uint32_t kLimits[] = {0x80, 0x400, 0x3400, 0x110000};
    if (kind < 4)
      append_utf8(text, c % kLimits[kind]);
    else
      text += c % 2 == 0 ? "[MASK] " : " [UNK]";
  }
  return text;
}

class Real : public testing::Test {
 protected:
  static const Tokenizer& get(Mode mode) {
    static const std::string folder = std::string(BERTA_MODELS) + "/sentiment";
    static const auto hf4 = load_tokenizer(folder, Mode::hf4), hf5 = load_tokenizer(folder, Mode::hf5),
                      spm = load_tokenizer(folder, Mode::spm);
    return mode == Mode::hf5 ? *hf5 : mode == Mode::spm ? *spm : *hf4;
  }
};

RC_GTEST_FIXTURE_PROP(Real, OffsetsStayInTheText, ()) {
  const std::string text = random_text();
  const std::size_t length = decode_utf8(text).size();
  for (const Mode mode : {Mode::hf4, Mode::hf5, Mode::spm}) {
    const Encoding out = get(mode).encode(text, {.add_special_tokens = false});
    RC_ASSERT(out.ids.size() == out.offsets.size() && out.ids.size() == out.type_ids.size());
    std::uint32_t begin = 0;
    for (std::size_t i = 0; i < out.ids.size(); ++i) {
      RC_ASSERT(out.ids[i] >= 0 && out.ids[i] < get(mode).size());
      RC_ASSERT(out.offsets[i].begin <= out.offsets[i].end && out.offsets[i].end <= length);
      if (mode == Mode::spm) RC_ASSERT(out.offsets[i].begin >= begin);
      begin = out.offsets[i].begin;
    }
  }
}

RC_GTEST_FIXTURE_PROP(Real, AnyBytesAreATextOrAnError, ()) {
  const auto text = *rc::gen::arbitrary<std::string>();
  for (const Mode mode : {Mode::hf4, Mode::hf5, Mode::spm}) {
    try {
      get(mode).encode(text, {.max_length = 9});
      RC_ASSERT(!find_invalid_utf8(text));
    } catch (const UserError&) {
      RC_ASSERT(find_invalid_utf8(text).has_value());
    }
  }
}

RC_GTEST_FIXTURE_PROP(Real, DecodingTakesAnyIds, ()) {
  const auto ids = *rc::gen::container<Ids>(rc::gen::inRange(-5, 8010));
  for (const Mode mode : {Mode::hf4, Mode::hf5, Mode::spm})
    RC_ASSERT(!find_invalid_utf8(get(mode).decode(ids, *rc::gen::arbitrary<bool>())));
}

RC_GTEST_FIXTURE_PROP(Real, WholeWordsComeBack, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', static_cast<char>('z' + 1)))));
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  for (const Mode mode : {Mode::hf4, Mode::hf5, Mode::spm})
    RC_ASSERT(get(mode).decode(get(mode).encode(text, {}).ids, true) == text);
}

}  // namespace
}  // namespace berta::tokenizer
