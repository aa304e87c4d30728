// Reads the malformed and the odd files of tests/corpus, which tools/corpus/make_malformed.py wrote.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "io/checkpoint.h"
#include "temporary.h"

namespace berta::io {
namespace {

const std::string kCorpus = std::string(BERTA_TEST_DATA) + "/corpus/";

void open_case(const std::string& path) {
  if (path.ends_with(".json") && is_regular_file(std::filesystem::path(path))) {
    read_json(path);
  } else {
    Checkpoint::open(path);
  }
}

TEST(Corpus, RefusesEveryMalformedFileByName) {
  const Json expected = read_json(kCorpus + "fail/expected.json");
  ASSERT_GE(expected.as_object("expected").size(), 150u);
  for (const auto& [name, want] : expected.as_object("expected")) {
    SCOPED_TRACE(name);
    const std::string path = kCorpus + "fail/" + name;
    ASSERT_TRUE(std::filesystem::exists(path));
    std::string error;
    ASSERT_NO_THROW(error = error_of([&] { open_case(path); }));
    EXPECT_NE(error.find(want.as_string("want")), error.npos) << error;
    EXPECT_TRUE(error.starts_with(path)) << error;
    EXPECT_EQ(std::count_if(error.begin(), error.end(), [](unsigned char c) { return c < 0x20; }), 0)
        << error;
    EXPECT_LE(error.size(), 1000u) << error;
  }
}

TEST(Corpus, HoldsNoFileThatNoTestReads) {
  const Json expected = read_json(kCorpus + "fail/expected.json");
  std::size_t cases = 0;
  for (const auto& kind : std::filesystem::directory_iterator(kCorpus + "fail")) {
    if (!kind.is_directory()) continue;
    for (const auto& file : std::filesystem::directory_iterator(kind)) {
      const std::string name = kind.path().filename().string() + "/" + file.path().filename().string();
      EXPECT_TRUE(expected.find(name)) << name;
      ++cases;
    }
  }
  EXPECT_EQ(cases, expected.as_object("expected").size());
}

TEST(Corpus, ReadsEveryOddFile) {
  const Json expected = read_json(kCorpus + "pass/expected.json");
  for (const auto& [name, want] : expected.as_object("expected")) {
    SCOPED_TRACE(name);
    std::vector<std::string> tensors;
    std::string error = error_of([&] {
      const Checkpoint checkpoint = Checkpoint::open(kCorpus + "pass/" + name);
      for (const auto& tensor : checkpoint.tensors()) {
        tensors.push_back(tensor.name + " " + std::string(name_of(tensor.view.dtype)) + " " +
                          to_string(tensor.view.shape));
      }
    });
    EXPECT_EQ(error, "");
    std::vector<std::string> wanted;
    for (const Json& line : want.as_array("want")) wanted.push_back(line.as_string("line"));
    EXPECT_EQ(tensors, wanted);
  }
}

}  // namespace
}  // namespace berta::io
