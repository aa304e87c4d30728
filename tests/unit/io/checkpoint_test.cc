#include "io/checkpoint.h"

#include <gtest/gtest.h>

#include "io/safetensors.h"
#include "temporary.h"

namespace berta::io {
namespace {

const std::string kPass = std::string(BERTA_TEST_DATA) + "/corpus/pass/";

void write_one(const std::string& path, const std::string& name, const std::string& data) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data.data());
  write_safetensors(path, {{name, {DType::u8, {static_cast<std::int64_t>(data.size())}, bytes}}});
}

TEST(Checkpoint, PrefersSafetensorsAndSortsByName) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { Checkpoint::open(folder.path()); }),
            folder.path() +
                ": no weights found, looked for model.safetensors, model.safetensors.index.json, "
                "pytorch_model.bin, pytorch_model.bin.index.json");
  folder.write("pytorch_model.bin", read_all(kPass + "torch-zip/shared-storage.bin"));
  const Checkpoint bin = Checkpoint::open(folder.path());
  ASSERT_EQ(bin.tensors().size(), 2u);
  EXPECT_EQ(bin.files(), std::vector<std::string>{folder.file("pytorch_model.bin")});
  write_one(folder.file("model.safetensors"), "w", "x");
  const Checkpoint checkpoint = Checkpoint::open(folder.path());
  ASSERT_EQ(checkpoint.tensors().size(), 1u);
  EXPECT_EQ(checkpoint.find("w")->file, folder.file("model.safetensors"));
  EXPECT_EQ(checkpoint.find("a"), nullptr);
  EXPECT_EQ(checkpoint.find("z"), nullptr);
  EXPECT_EQ(Checkpoint::open(folder.file("pytorch_model.bin")).tensors().size(), 2u);
}

TEST(Checkpoint, JoinsShards) {
  const TemporaryFolder folder;
  write_one(folder.file("a.safetensors"), "b", "one");
  write_one(folder.file("b.safetensors"), "a", "two");
  folder.write("model.safetensors.index.json",
               R"({"metadata":{"total_size":6},"weight_map":{"a":"b.safetensors","b":"a.safetensors"}})");
  Checkpoint moved = Checkpoint::open(folder.path());
  const Checkpoint checkpoint = std::move(moved);
  ASSERT_EQ(checkpoint.tensors().size(), 2u);
  EXPECT_EQ(checkpoint.tensors()[0].name, "a");
  EXPECT_EQ(checkpoint.tensors()[0].file, folder.file("b.safetensors"));
  EXPECT_EQ(static_cast<char>(checkpoint.find("b")->view.data[0]), 'o');
  EXPECT_EQ(checkpoint.files().size(), 3u);
  EXPECT_EQ(Checkpoint::open(folder.file("model.safetensors.index.json")).tensors().size(), 2u);
}

TEST(Checkpoint, JoinsTorchShardsAndKeepsCopiedBlocks) {
  const TemporaryFolder folder;
  folder.write("p.bin", read_all(kPass + "torch-zip/transposed.bin"));
  folder.write("pytorch_model.bin.index.json", R"({"weight_map":{"weight":"p.bin"}})");
  const Checkpoint checkpoint = Checkpoint::open(folder.path());
  std::vector<float> values(6);
  convert(checkpoint.find("weight")->view, 0, std::span(values));
  EXPECT_EQ(values, (std::vector<float>{0, 3, 1, 4, 2, 5}));
}

TEST(Checkpoint, GivesTheEmbeddedConfig) {
  const Checkpoint checkpoint = Checkpoint::open(kPass + "torch-zip/config.bin");
  ASSERT_TRUE(checkpoint.embedded_config());
  EXPECT_EQ(checkpoint.embedded_config()->find("hidden_size")->as_integer(""), 8);
  EXPECT_FALSE(Checkpoint::open(kPass + "torch-zip/plain.bin").embedded_config());
}

TEST(Checkpoint, ReadsLinksIntoACacheAsTheHubLaysThemOut) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.file("snapshots/1"));
  write_one(folder.file("blob"), "w", "x");
  std::filesystem::create_symlink("../../blob", folder.file("snapshots/1/model.safetensors"));
  EXPECT_EQ(Checkpoint::open(folder.file("snapshots/1")).tensors().size(), 1u);
}

TEST(Checkpoint, NamesAPathThatIsNotThere) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { Checkpoint::open(folder.file("none")); }),
            folder.file("none") + ": cannot open: No such file or directory");
}

}  // namespace
}  // namespace berta::io
