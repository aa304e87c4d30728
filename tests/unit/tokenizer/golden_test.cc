// Every golden of tests/data/tokenizers/goldens (tools/tokenizer/make_goldens.py): ids, offsets, types,
// pairs, truncation, windows and decoding as the reference libraries gave them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "../../../tools/tokenizer/line_protocol.h"
#include "core/error.h"
#include "json_equal.h"

namespace berta::tokenizer {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(BERTA_TEST_DATA) / "data/tokenizers";

std::string run(const Tokenizer& tokenizer, const io::Json& in, bool specials) {
  try {
    return lines::answer(tokenizer, in, specials);
  } catch (const UserError&) {
    return R"({"error":""})";
  }
}

/// (folder, mode) of each golden file: "deberta-v3-hf4.jsonl".
std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kData / "goldens"))
    names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

fs::path folder_of(const std::string& name) {
  if (name == "sentiment") return fs::path(BERTA_MODELS) / name;
  return fs::exists(kData / name) ? kData / name : kData / "variants" / name;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsReproduced) {
  const std::size_t dash = GetParam().rfind('-');
  const std::string mode = GetParam().substr(dash + 1);
  const auto tokenizer = load_tokenizer(folder_of(GetParam().substr(0, dash)).string(), lines::mode_of(mode));
  std::ifstream file(kData / "goldens" / (GetParam() + ".jsonl"));
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const io::Json golden = io::parse_json(line, "golden");
    const std::string answer = run(*tokenizer, *golden.find("in"), mode != "spm");
    EXPECT_TRUE(equal(io::parse_json(answer, "answer"), *golden.find("out"))) << line << "\nfound " << answer;
  }
  EXPECT_GT(count, 50);
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, Golden, testing::ValuesIn(golden_names()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace berta::tokenizer
