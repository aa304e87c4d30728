// tokenizer.json: the zoo of tools/tokenizer/zoo.py against the library's answers, and broken files.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "../../../tools/tokenizer/line_protocol.h"
#include "json_equal.h"
#include "model_helpers.h"
#include "tokenizer/memory_loaders.h"

namespace berta::tokenizer {
namespace {

std::shared_ptr<const Tokenizer> parse(std::string_view text, const char* config = "{}") {
  HfFiles files;
  files.folder = "dir";
  files.config = io::parse_json(config, "config");
  return parse_tokenizer_json(text, files);
}

std::string answer(const Tokenizer& tokenizer, const io::Json& in) {
  try {
    return lines::answer(tokenizer, in, true);
  } catch (const UserError&) {
    return R"({"error":""})";
  }
}

TEST(TokenizerJson, ZooAnswersAsTheLibrary) {
  std::ifstream file(std::string(BERTA_TEST_DATA) + "/data/tokenizers/tokenizer_json/zoo.jsonl");
  int tokenizers = 0;
  for (std::string line; std::getline(file, line); ++tokenizers) {
    const io::Json zoo = io::parse_json(line, "zoo.jsonl");
    SCOPED_TRACE(zoo.find("name")->as_string("name"));
    const auto tokenizer = parse(zoo.find("tokenizer")->as_string("tokenizer"));
    for (const io::Json& golden : zoo.find("cases")->as_array("cases")) {
      const std::string found = answer(*tokenizer, *golden.find("in"));
      EXPECT_TRUE(equal(io::parse_json(found, "answer"), *golden.find("out"))) << found;
    }
  }
  EXPECT_GT(tokenizers, 90);
}

/// A tokenizer.json with one section in place of null.
std::string with(const std::string& key, const std::string& value) {
  std::string text = "{\"version\": \"1.0\"";
  for (const char* section : {"truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
                              "post_processor", "decoder"}) {
    text += std::string(", \"") + section + "\": " + (key == section ? value : "null");
  }
  const std::string model = R"({"type": "WordLevel", "vocab": {"<unk>": 0, "a": 1}, "unk_token": "<unk>"})";
  return text + ", \"model\": " + (key == "model" ? value : model) + "}";
}

TEST(TokenizerJson, SectionsMayBeNullOrMissing) {
  EXPECT_EQ(parse(with("", ""))->encode("a", {}).ids, std::vector<std::int32_t>{1});
  EXPECT_EQ(parse(R"({"model": {"vocab": {"a": 0}, "unk_token": "a"}})")->size(), 1);
  EXPECT_EQ(parse(R"({"model": {"vocab": {"a": 0}, "merges": []}})")->encode("a", {}).ids,
            std::vector<std::int32_t>{0});
}

TEST(TokenizerJson, OlderSpellingsOfMergesAndMetaspace) {
  const char* merges =
      R"({"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["#version: 0.2", "a b"]})";
  EXPECT_EQ(parse(with("model", merges))->encode("ab", {}).ids, std::vector<std::int32_t>{2});
  const char* pairs =
      R"({"type": "BPE", "vocab": {"a": 0, " b": 1, "a b": 2, "b": 3, " ": 4}, "merges": [["a", " b"]]})";
  EXPECT_EQ(parse(with("model", pairs))->size(), 5);
  parse(with("pre_tokenizer",
             R"({"type": "Metaspace", "replacement": "_", "add_prefix_space": true, "str_rep": "_"})"));
  parse(with("pre_tokenizer", R"({"type": "Metaspace", "replacement": "_", "add_prefix_space": false})"));
}

TEST(TokenizerJson, TruncationGivesALengthUnlessTheConfigDoes) {
  const std::string text =
      with("truncation", R"({"max_length": 128, "strategy": "LongestFirst", "stride": 0})");
  EXPECT_EQ(parse(text)->model_max_length(), 128u);
  EXPECT_EQ(parse(text, R"({"model_max_length": 512})")->model_max_length(), 512u);
  EXPECT_EQ(parse(text)->encode(std::string(300, 'a'), {}).ids.size(), 1u);
}

TEST(TokenizerJson, SpecialIdsComeFromTheConfigOrUsualNames) {
  const std::string text =
      with("model", R"({"type": "WordLevel", "vocab": {"[CLS]": 0, "</s>": 1, "x": 2}, "unk_token": "x"})");
  EXPECT_EQ(parse(text)->specials().cls, 0);
  EXPECT_EQ(parse(text)->specials().sep, 1);
  EXPECT_EQ(parse(text)->specials().mask, std::nullopt);
  EXPECT_EQ(parse(text, R"({"cls_token": "x"})")->specials().cls, 2);
}

struct Broken {
  const char* section;
  const char* value;
  const char* expected;  ///< part of the message
};

const Broken kBroken[] = {
    {"model", "null", "key 'model'"},
    {"model", "[]", "key 'model'"},
    {"model", R"({"type": "CRF"})", "key 'model.type': expected one of BPE"},
    {"model", R"({"type": 3})", "key 'model.type'"},
    {"model", R"({"type": "BPE", "vocab": {}})", "key 'model.merges'"},
    {"model", R"({"type": "BPE", "merges": []})", "key 'model.vocab'"},
    {"model", R"({"type": "BPE", "vocab": {"a": 0}, "merges": ["ab"]})", "key 'model.merges'[0]"},
    {"model", R"({"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]})", "key 'model.merges'[0]"},
    {"model", R"({"type": "BPE", "vocab": {"a": 0}, "merges": [["a", 1]]})", "key 'model.merges'[0]"},
    {"model", R"({"type": "BPE", "vocab": {"a": 0}, "merges": [7]})", "key 'model.merges'[0]"},
    {"model", R"({"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]})", "key 'model.merges': merge 0"},
    {"model", R"({"type": "BPE", "dropout": 0.1, "vocab": {}, "merges": []})", "key 'model.dropout'"},
    {"model", R"({"type": "BPE", "vocab": {"a": 5000000}, "merges": []})", "5000000"},
    {"model", R"({"type": "BPE", "vocab": {"a": 1, "b": 1}, "merges": []})", "key 'model.vocab'"},
    {"model", R"({"type": "BPE", "vocab": {"a": 1.5}, "merges": []})", "key 'model.vocab'"},
    {"model", R"({"type": "WordPiece", "vocab": {}, "unk_token": "u", "continuing_subword_prefix": "##"})",
     "max_input_chars_per_word"},
    {"model",
     R"({"type": "WordPiece", "vocab": {}, "unk_token": "u", "continuing_subword_prefix": "##", "max_input_chars_per_word": -1})",
     "-1"},
    {"model", R"({"type": "WordLevel", "vocab": {}})", "key 'model.unk_token'"},
    {"model", R"({"type": "Unigram", "vocab": []})", "key 'model.vocab'"},
    {"model", R"({"type": "Unigram", "vocab": [["a"]]})", "key 'model.vocab'[0]"},
    {"model", R"({"type": "Unigram", "vocab": [["a", "x"]]})", "key 'model.vocab'[0]"},
    {"model", R"({"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1})", "key 'model.unk_id'"},
    {"model", R"({"type": "Unigram", "vocab": [["a", 0]], "unk_id": -1})", "key 'model.unk_id'"},
    {"normalizer", R"({"type": "Magic"})", "key 'normalizer.type': expected one of Sequence"},
    {"normalizer", R"({})", "key 'normalizer.type'"},
    {"normalizer", R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "X"}]})",
     "key 'normalizer.normalizers[1].type'"},
    {"normalizer", R"({"type": "Sequence", "normalizers": {}})", "key 'normalizer.normalizers'"},
    {"normalizer", R"({"type": "Precompiled", "precompiled_charsmap": "%%%%"})", "base64"},
    {"normalizer", R"({"type": "Precompiled", "precompiled_charsmap": "/////w=="})", "precompiled_charsmap"},
    {"normalizer", R"({"type": "Replace", "pattern": {"Regex": "("}, "content": ""})",
     "key 'normalizer.pattern.Regex'"},
    {"normalizer", R"({"type": "Replace", "pattern": {"Glob": "*"}, "content": ""})",
     "key 'normalizer.pattern'"},
    {"normalizer", R"({"type": "Replace", "pattern": {"String": "a"}})", "key 'normalizer.content'"},
    {"normalizer", R"({"type": "BertNormalizer", "clean_text": 1})", "key 'normalizer.clean_text'"},
    {"pre_tokenizer", R"({"type": "UnicodeScripts"})", "key 'pre_tokenizer.type'"},
    {"pre_tokenizer", R"({"type": "Split", "pattern": {"String": " "}, "behavior": "Kept", "invert": false})",
     "key 'pre_tokenizer.behavior'"},
    {"pre_tokenizer", R"({"type": "Split", "pattern": {"String": " "}, "behavior": "Removed"})",
     "key 'pre_tokenizer.invert'"},
    {"pre_tokenizer", R"({"type": "Metaspace", "replacement": "__"})", "key 'pre_tokenizer.replacement'"},
    {"pre_tokenizer", R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"})",
     "key 'pre_tokenizer.prepend_scheme'"},
    {"pre_tokenizer",
     R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "always", "add_prefix_space": false})",
     "add_prefix_space"},
    {"pre_tokenizer", R"({"type": "CharDelimiterSplit", "delimiter": ""})", "key 'pre_tokenizer.delimiter'"},
    {"post_processor", R"({"type": "Other"})", "key 'post_processor.type'"},
    {"post_processor", R"({"type": "BertProcessing", "cls": ["a", 1], "sep": ["b"]})",
     "key 'post_processor.sep'"},
    {"post_processor", R"({"type": "BertProcessing", "cls": ["a", 1], "sep": ["b", -1]})",
     "key 'post_processor.sep[1]'"},
    {"post_processor", R"({"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}})",
     "key 'post_processor.single'"},
    {"post_processor",
     R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}}], "pair": [], "special_tokens": {}})",
     "key 'post_processor.single[0].SpecialToken.id'"},
    {"post_processor",
     R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "C", "type_id": 0}}], "pair": [], "special_tokens": {}})",
     "key 'post_processor.single[0].Sequence.id'"},
    {"post_processor",
     R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": -1}}], "pair": [], "special_tokens": {}})",
     "type_id"},
    {"post_processor", R"({"type": "TemplateProcessing", "single": [{}], "pair": [], "special_tokens": {}})",
     "key 'post_processor.single[0]'"},
    {"post_processor",
     R"({"type": "Sequence", "processors": [{"type": "BertProcessing", "cls": ["a", 1], "sep": ["b", 1]}, {"type": "BertProcessing", "cls": ["a", 1], "sep": ["b", 1]}]})",
     "key 'post_processor.processors[1]'"},
    {"decoder", R"({"type": "CTC"})", "key 'decoder.type'"},
    {"decoder", R"({"type": "Strip", "content": " ", "start": -1, "stop": 0})", "key 'decoder.start'"},
    {"decoder",
     R"({"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"Regex": "["}, "content": ""}]})",
     "key 'decoder.decoders[0].pattern.Regex'"},
    {"added_tokens", R"({})", "key 'added_tokens'"},
    {"added_tokens", R"([{"id": 1}])", "key 'added_tokens[0].content'"},
    {"added_tokens", R"([{"id": -1, "content": "x"}])", "key 'added_tokens[0].id'"},
    {"truncation", R"({"max_length": "x"})", "key 'truncation.max_length'"},
};

TEST(TokenizerJson, BrokenSectionsAreErrorsThatNameFileAndKey) {
  for (const Broken& broken : kBroken) {
    SCOPED_TRACE(std::string(broken.section) + ": " + broken.value);
    expect_error([&] { parse(with(broken.section, broken.value)); }, {"dir/tokenizer.json", broken.expected});
  }
}

TEST(TokenizerJson, BrokenTextsAreErrorsThatNameTheFile) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{"), std::string("{\"version\": \"2.0\"}"),
        std::string("{}"), std::string(100'000, '['), std::string("\"\xFF\"")}) {
    expect_error([&] { parse(text); }, {"dir/tokenizer.json"});
  }
}

TEST(TokenizerJson, EveryPrefixOfAFileIsAnError) {
  const std::string whole = with("decoder", R"({"type": "WordPiece", "prefix": "##", "cleanup": true})");
  parse(whole);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    expect_error([&] { parse(std::string_view(whole).substr(0, length)); }, {"dir/tokenizer.json"});
  }
}

TEST(TokenizerJson, DeepSequencesEndAtTheLimitOfDepth) {
  std::string deep = R"({"type": "NFC"})";
  for (int i = 0; i < 25; ++i) deep = R"({"type": "Sequence", "normalizers": [)" + deep + "]}";
  EXPECT_EQ(parse(with("normalizer", deep))->encode("a", {}).ids.size(), 1u);
  for (int i = 0; i < 10; ++i) deep = R"({"type": "Sequence", "normalizers": [)" + deep + "]}";
  expect_error([&] { parse(with("normalizer", deep)); }, {"dir/tokenizer.json"});
}

TEST(TokenizerJson, FilesCanNotAskForWorkWithoutBounds) {
  std::string parts = R"({"type": "NFC"})";
  for (int i = 0; i < 256; ++i) parts += R"(, {"type": "NFC"})";
  expect_error([&] { parse(with("normalizer", R"({"type": "Sequence", "normalizers": [)" + parts + "]}")); },
               {"256 parts"});
  std::string growth = R"({"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaa"})";
  for (int i = 0; i < 20; ++i)
    growth += R"(, {"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaa"})";
  const auto tokenizer =
      parse(with("normalizer", R"({"type": "Sequence", "normalizers": [)" + growth + "]}"));
  expect_error([&] { tokenizer->encode("a", {}); }, {"normaliser"});
  std::string ids = "1";
  for (int i = 0; i < 100; ++i) ids += ", 1";
  expect_error(
      [&] {
        parse(with("post_processor",
                   R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}}],
                   "pair": [], "special_tokens": {"x": {"ids": [)" +
                       ids + "]}}}"));
      },
      {"at most 64 values"});
}

TEST(TokenizerJson, APatternThatExplodesIsAnErrorOfTheTextThatMakesItSo) {
  const auto tokenizer = parse(with(
      "pre_tokenizer",
      R"({"type": "Split", "pattern": {"Regex": "(a|aa)+[bc]"}, "behavior": "Isolated", "invert": false})"));
  expect_error([&] { tokenizer->encode(std::string(3000, 'a'), {}); },
               {"key 'pre_tokenizer.pattern.Regex'", "steps"});
}

}  // namespace
}  // namespace berta::tokenizer
