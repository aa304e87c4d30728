#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "report/command_line.h"
#include "report/model_card.h"
#include "report/pretty_json.h"
#include "report/progress_facts.h"
#include "report/yaml.h"

namespace berta::report {
namespace {

using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ProgressFacts, Durations) {
  EXPECT_EQ(duration_text(0), "0ms");
  EXPECT_EQ(duration_text(0.35), "350ms");
  EXPECT_EQ(duration_text(0.9996), "1.0s");
  EXPECT_EQ(duration_text(12.34), "12.3s");
  EXPECT_EQ(duration_text(59.96), "1m 00s");
  EXPECT_EQ(duration_text(247), "4m 07s");
  EXPECT_EQ(duration_text(3599.7), "1h 00m");
  EXPECT_EQ(duration_text(3720), "1h 02m");
  EXPECT_EQ(duration_text(86399), "1d 00h");
  EXPECT_EQ(duration_text(3 * 86400 + 4 * 3600), "3d 04h");
  EXPECT_EQ(duration_text(-5), "-5.0s");
  EXPECT_EQ(duration_text(kNan), "-");
  EXPECT_EQ(duration_text(kInfinity), "-");
}

TEST(ProgressFacts, CountsAndBytes) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(7.25), "7.25");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1.00 k");
  EXPECT_EQ(count_text(12345), "12.3 k");
  EXPECT_EQ(count_text(999'600), "1.00 M");
  EXPECT_EQ(count_text(184e6), "184 M");
  EXPECT_EQ(count_text(3e20), "3e+08 T");
  EXPECT_EQ(count_text(-1500), "-1.50 k");
  EXPECT_EQ(count_text(kNan), "-");
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(1536), "1.50 KiB");
  EXPECT_EQ(bytes_text(1023 * 1024), "1023 KiB");
  EXPECT_EQ(bytes_text(12.3 * 1073741824), "12.3 GiB");
  EXPECT_EQ(value_text(0.873123), "0.87312");
  EXPECT_EQ(value_text(2e-5), "2e-05");
  EXPECT_EQ(value_text(-kInfinity), "-inf");
  EXPECT_EQ(value_text(-kNan), "NaN");
}

TEST(CommandLine, IsTheSameForAShell) {
  const std::vector<std::string> arguments{"berta", "finetune", "--lr=2e-5", "a b",
                                           "it's",  "",         "$HOME",     "a\n'\\1"};
  EXPECT_EQ(command_line(arguments),
            "berta finetune --lr=2e-5 'a b' 'it'\\''s' '' '$HOME' $'a\\012\\'\\\\1'");
  const std::vector<std::string> bytes{"\xc3\xa9",
                                       "\xc3\xa9\xff"
                                       "1"};
  EXPECT_EQ(command_line(bytes), "'\xc3\xa9' $'\\303\\251\\3771'");
}

TEST(Yaml, Strings) {
  EXPECT_EQ(yaml_string("microsoft/deberta-v3-base"), "microsoft/deberta-v3-base");
  for (const char* word :
       {"no", "Yes", "NULL", "true", "12", "1e5", "2024-01-01", ".nan", "-",   "",  "a: b", "#a", " a",
        "a ", "*x",  "&x",   "!x",   "%x", "@x",  "{a}",        "[a]",  "a,b", "?", "|",    ">",  "'a'"}) {
    EXPECT_EQ(yaml_string(word), "\"" + std::string(word) + "\"");
  }
  EXPECT_EQ(yaml_string("a\"b\\c\n\t\x01\x7f"), "\"a\\\"b\\\\c\\n\\t\\x01\\x7f\"");
  EXPECT_EQ(yaml_string("\xc3\xa9\xff\xc2\x85\xe2\x80\xa8"), "\"\xc3\xa9\xef\xbf\xbd\\x85\\u2028\"");
}

TEST(Yaml, Numbers) {
  EXPECT_EQ(yaml_number(0.5), "0.5");
  EXPECT_EQ(yaml_number(1), "1.0");
  EXPECT_EQ(yaml_number(1e-5), "1.0e-05");
  EXPECT_EQ(yaml_number(1.5e300), "1.5e+300");
  EXPECT_EQ(yaml_number(kNan), ".nan");
  EXPECT_EQ(yaml_number(-kInfinity), "-.inf");
}

TEST(ModelCard, Whole) {
  const ModelCard card{
      .name = "sst2",
      .base_model = "microsoft/deberta-v3-small",
      .license = "mit",
      .pipeline_tag = "text-classification",
      .languages = {"no"},
      .datasets = {"nyu-mll/glue"},
      .metrics = {"accuracy"},
      .results = {{.task_type = "text-classification",
                   .dataset = "GLUE SST-2",
                   .dataset_type = "nyu-mll/glue",
                   .split = "validation",
                   .metrics = {{.name = "accuracy", .value = 0.95}}}},
      .command = {"berta", "finetune", "--out", "a b"},
      .training = {{"seed", "1"}},
  };
  EXPECT_EQ(
      model_card(card),
      "---\nlanguage:\n- \"no\"\nlicense: mit\nlibrary_name: transformers\n"
      "base_model: microsoft/deberta-v3-small\ndatasets:\n- nyu-mll/glue\nmetrics:\n- accuracy\n"
      "pipeline_tag: text-classification\nmodel-index:\n- name: sst2\n  results:\n  - task:\n"
      "      type: text-classification\n    dataset:\n      name: \"GLUE SST-2\"\n      type: nyu-mll/glue\n"
      "      split: validation\n    metrics:\n    - type: accuracy\n      value: 0.95\n---\n\n# sst2\n\n"
      "Fine-tuned from microsoft/deberta-v3-small.\n\n## Results\n\n| data | metric | value "
      "|\n|---|---|---:|\n"
      "| GLUE SST-2 (validation) | accuracy | 0.95 |\n\n## Training\n\n```sh\n"
      "berta finetune --out 'a b'\n```\n\n| setting | value |\n|---|---|\n| seed | 1 |\n");
}

TEST(ModelCard, TextCannotBecomeMarkup) {
  const ModelCard card{
      .name = "a\n---\n<b>",
      .summary = "- [x](y) *z* | `c`\n# h",
      .library_name = "",
      .command = {"```\n<script>"},
      .training = {{"a|b", "<img>"}},
  };
  const std::string text = model_card(card);
  EXPECT_THAT(text, testing::StartsWith("---\n---\n\n# a --- \\<b\\>\n"));
  EXPECT_THAT(text, HasSubstr("\n\\- \\[x\\]\\(y\\) \\*z\\* \\| \\`c\\` \\# h\n"));
  EXPECT_THAT(text, HasSubstr("\n````sh\n$'```\\012<script>'\n````\n"));
  EXPECT_THAT(text, HasSubstr("\n| a\\|b | \\<img\\> |\n"));
}

TEST(PrettyJson, Layout) {
  EXPECT_EQ(pretty_json("{\"a\":1,\"b\":[1,2.5,\"x\"],\"c\":{\"d\":[],\"e\":{}},\"f\":[{\"g\":null}]}"),
            "{\n  \"a\": 1,\n  \"b\": [1, 2.5, \"x\"],\n  \"c\": {\n    \"d\": [],\n    \"e\": {}\n  },\n"
            "  \"f\": [\n    {\n      \"g\": null\n    }\n  ]\n}");
  EXPECT_EQ(pretty_json("not json"), "not json");
  EXPECT_EQ(pretty_json("[]"), "[]");
}

}  // namespace
}  // namespace berta::report
