#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>
#include <numeric>

#include "io/safetensors.h"
#include "io/torch_bin.h"
#include "io/torch_tensor.h"
#include "io/torch_zip.h"
#include "temporary.h"

namespace berta::io {
namespace {

const std::string kPass = std::string(BERTA_TEST_DATA) + "/corpus/pass/";

WeightFile parse(const std::string& content) {
  return parse_torch(std::as_bytes(std::span(content)), "t.bin");
}

std::vector<float> floats_of(const TensorView& view) {
  std::vector<float> values(static_cast<std::size_t>(view.size()));
  convert(view, 0, std::span(values));
  return values;
}

std::vector<float> first_of(const std::string& name) {
  const std::string content = read_all(kPass + name);
  return floats_of(parse(content).tensors.at(0).view);
}

TEST(Torch, ReadsValuesThroughStridesAndOffsets) {
  using Floats = std::vector<float>;
  EXPECT_EQ(first_of("torch-zip/plain.bin"), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(first_of("torch-zip/transposed.bin"), (Floats{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(first_of("torch-zip/offset.bin"), (Floats{4, 5}));
  EXPECT_EQ(first_of("torch-zip/odd-stride-of-one-strided.bin"), (Floats{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(first_of("torch-legacy/plain.bin"), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(first_of("torch-legacy/view.bin"), (Floats{2, 3, 4, 5}));
  const Floats expanded = first_of("torch-zip/expanded.bin");
  EXPECT_EQ(expanded.size(), 6000u);
  for (std::size_t i = 0; i < expanded.size(); ++i) ASSERT_EQ(expanded[i], static_cast<float>(i % 6));
  const std::string content = read_all(kPass + "torch-zip/shared-storage.bin");
  const WeightFile shared = parse(content);
  EXPECT_EQ(floats_of(shared.tensors[1].view), (Floats{0, 2, 4}));
}

TEST(Torch, CopiesOnlyWhatDoesNotLieInOrder) {
  const std::string plain = read_all(kPass + "torch-zip/plain.bin");
  const WeightFile file = parse(plain);
  EXPECT_TRUE(file.blocks.empty());
  const auto* begin = std::as_bytes(std::span(plain)).data();
  EXPECT_TRUE(file.tensors[0].view.data > begin && file.tensors[0].view.data < begin + plain.size());
  const std::string transposed = read_all(kPass + "torch-zip/transposed.bin");
  EXPECT_EQ(parse(transposed).blocks.size(), 1u);
}

TEST(Torch, FindsTheConfigBesideTheTensors) {
  const std::string content = read_all(kPass + "torch-zip/config.bin");
  const WeightFile file = parse(content);
  ASSERT_TRUE(file.embedded_config);
  EXPECT_EQ(file.embedded_config->find("hidden_size")->as_integer(""), 8);
  EXPECT_EQ(file.embedded_config->find("pos_att_type")->as_array("")[0].as_string(""), "c2p");
  EXPECT_EQ(file.embedded_config->find("pooling")->find("dropout")->as_integer(""), 0);
}

class TorchPrefix : public testing::TestWithParam<const char*> {};

TEST_P(TorchPrefix, EveryPrefixIsRefused) {
  const std::string content = read_all(kPass + GetParam());
  EXPECT_EQ(parse(content).tensors.size(), 1u);
  for (std::size_t size = 0; size < content.size(); ++size) {
    const std::string prefix(content.data(), size);
    EXPECT_NE(error_of([&] { parse(prefix); }), "") << size;
  }
}

TEST_P(TorchPrefix, AnyOneByteChangedGivesReadableTensorsOrAUserError) {
  const std::string content = read_all(kPass + GetParam());
  for (std::size_t place = 0; place < content.size(); ++place) {
    for (const int byte : {0, 1, 0x28, 0x5d, 0x7f, 0x80, 0xff, content[place] ^ 1, content[place] ^ 0x80}) {
      std::string changed = content;
      changed[place] = static_cast<char>(byte);
      error_of([&] {
        for (const NamedTensor& tensor : parse(changed).tensors) {
          if (is_floating(tensor.view.dtype)) floats_of(tensor.view);  // the sanitizer watches
        }
      });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, TorchPrefix,
                         testing::Values("torch-zip/plain.bin", "torch-zip/zip64.bin",
                                         "torch-zip/data-descriptors.bin", "torch-zip/transposed.bin",
                                         "torch-legacy/plain.bin"));

/// Element `index` (C order) of a strided tensor, by the definition.
std::size_t place_of(const PickleTensor& tensor, std::size_t index) {
  std::int64_t place = tensor.offset;
  auto rest = static_cast<std::int64_t>(index);
  for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
    place += rest % tensor.shape[axis] * tensor.strides[axis];
    rest /= tensor.shape[axis];
  }
  return static_cast<std::size_t>(place);
}

TEST(TensorBuilder, GathersAnyStrides) {
  EXPECT_TRUE(rc::check([] {
    constexpr DType kTypes[] = {DType::u8, DType::f16, DType::f32, DType::i64};
    std::vector<std::byte> storage(800);
    for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<std::byte>(i * 7 + i / 256);
    PickleTensor tensor;
    tensor.dtype = kTypes[*rc::gen::inRange(0, 4)];
    tensor.offset = *rc::gen::inRange(0, 60);
    for (int rank = *rc::gen::inRange(0, 5); rank > 0; --rank) {
      tensor.shape.push_back(*rc::gen::inRange(1, 5));
      tensor.strides.push_back(*rc::gen::inRange(0, 9));
    }
    TensorBuilder builder(1 << 20);
    const std::size_t size = size_of(tensor.dtype);
    std::size_t count = 1, last = static_cast<std::size_t>(tensor.offset);
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      count *= static_cast<std::size_t>(tensor.shape[i]);
      last += static_cast<std::size_t>((tensor.shape[i] - 1) * tensor.strides[i]);
    }
    TensorView view;
    const std::string error = error_of([&] { view = builder.build(tensor, storage, "w"); });
    RC_ASSERT(error.empty() == (last < storage.size() / size));
    for (std::size_t i = 0; error.empty() && i < count; ++i) {
      RC_ASSERT(std::memcmp(view.data + i * size, storage.data() + place_of(tensor, i) * size, size) == 0);
    }
  }));
}

TEST(TensorBuilder, KeepsToItsBudget) {
  const std::vector<std::byte> storage(8);
  PickleTensor tensor;
  tensor.dtype = DType::u8;
  tensor.shape = {10};
  tensor.strides = {0};
  TensorBuilder builder(25);
  EXPECT_EQ(builder.build(tensor, storage, "w").size(), 10);
  EXPECT_EQ(builder.build(tensor, storage, "w").size(), 10);
  EXPECT_NE(error_of([&] { builder.build(tensor, storage, "w"); }), "");
  EXPECT_EQ(builder.take_blocks().size(), 2u);
}

TEST(Zip, ListsEntriesSortedAndFindsThem) {
  const std::string content = read_all(kPass + "torch-zip/zip64.bin");
  const auto entries = read_zip(std::as_bytes(std::span(content)), "t");
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].name, "m/byteorder");
  EXPECT_EQ(find_entry(entries, "m/data/0")->data.size(), 24u);
  EXPECT_EQ(find_entry(entries, "m/data/1"), nullptr);
}

}  // namespace
}  // namespace berta::io
