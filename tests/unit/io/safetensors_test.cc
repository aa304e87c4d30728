#include "io/safetensors.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>
#include <map>

#include "io/mapped_file.h"
#include "temporary.h"

namespace berta::io {
namespace {

WeightFile parse(const std::string& content) {
  return parse_safetensors(std::as_bytes(std::span(content)), "t");
}

std::string bytes_of(const TensorView& view) {
  return {reinterpret_cast<const char*>(view.data), byte_size(view.dtype, view.shape).value()};
}

TensorView view_of(const std::string& data, DType dtype, Shape shape) {
  return {dtype, std::move(shape), reinterpret_cast<const std::byte*>(data.data())};
}

TEST(SafetensorsWriter, GivesTheBytesOfTheOfficialWriter) {
  // safetensors 0.8.0: save({"b": f32 [1,2], "a": f16 [2], "c": i64 [1], "d": f32 scalar}, {"format": "pt"})
  const std::string expected =
      std::string("\x08\x01\0\0\0\0\0\0", 8) +
      R"({"__metadata__":{"format":"pt"},"c":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},)"
      R"("b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},)"
      R"("d":{"dtype":"F32","shape":[],"data_offsets":[16,20]},)"
      R"("a":{"dtype":"F16","shape":[2],"data_offsets":[20,24]}})" +
      "ccccccccbbbbbbbbddddaaaa";
  const TemporaryFolder folder;
  const std::string a = "aaaa", b = "bbbbbbbb", c = "cccccccc", d = "dddd";
  write_safetensors(folder.file("x"),
                    {{"b", view_of(b, DType::f32, {1, 2})},
                     {"a", view_of(a, DType::f16, {2})},
                     {"c", view_of(c, DType::i64, {1})},
                     {"d", view_of(d, DType::f32, {})}},
                    {{"format", "pt"}});
  std::string found = read_all(folder.file("x"));
  EXPECT_EQ(found.size() % 8, 0u);
  const auto padding = found.find("}}  ");
  if (padding != found.npos)
    found.erase(found.find(' ', padding), found.find("ccc") - found.find(' ', padding));
  EXPECT_EQ(found.substr(8), expected.substr(8));
}

TEST(SafetensorsWriter, RoundTripsRandomTensors) {
  const TemporaryFolder folder;
  EXPECT_TRUE(rc::check([&] {
    std::map<std::string, std::string> data;
    std::vector<NamedTensor> tensors;
    for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
      const auto dtype = static_cast<DType>(*rc::gen::inRange(0, 14));
      Shape shape;
      for (int rank = *rc::gen::inRange(0, 4); rank > 0; --rank) shape.push_back(*rc::gen::inRange(0, 4));
      const std::string name =
          *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)) + std::to_string(i);
      std::string& content = data[name];
      content.resize(byte_size(dtype, shape).value());
      for (char& c : content) c = *rc::gen::arbitrary<char>();
      tensors.push_back({name, view_of(content, dtype, shape)});
    }
    const Metadata metadata{{"z", "\xC3\xA9\""}, {"a", ""}};
    write_safetensors(folder.file("x"), tensors, metadata);
    const std::string content = read_all(folder.file("x"));
    const WeightFile file = parse(content);
    RC_ASSERT(file.tensors.size() == tensors.size());
    for (const NamedTensor& tensor : file.tensors) RC_ASSERT(bytes_of(tensor.view) == data.at(tensor.name));
    RC_ASSERT(file.metadata == (Metadata{{"a", ""}, {"z", "\xC3\xA9\""}}));
    std::reverse(tensors.begin(), tensors.end());
    write_safetensors(folder.file("y"), tensors, {{"a", ""}, {"z", "\xC3\xA9\""}});
    RC_ASSERT(read_all(folder.file("y")) == content);
  }));
}

TEST(SafetensorsWriter, CacheLineAlignmentPutsWholeLinesFirst) {
  const TemporaryFolder folder;
  const std::vector<float> line(48, 1.5F);
  const std::vector<std::int8_t> bytes(64, 7);
  const auto view = [](DType dtype, Shape shape, const void* data) {
    return TensorView{dtype, std::move(shape), static_cast<const std::byte*>(data)};
  };
  write_safetensors(folder.file("a.safetensors"),
                    {{"odd", view(DType::f32, {3}, line.data())},
                     {"panels", view(DType::i8, {64}, bytes.data())},
                     {"lines", view(DType::f32, {3, 16}, line.data())}},
                    {{"key", "value"}}, Alignment::cache_line);
  const MappedFile file(folder.file("a.safetensors"));
  const WeightFile found = parse_safetensors(file.bytes(), "a");
  ASSERT_EQ(found.tensors.size(), 3u);
  for (const NamedTensor& tensor : found.tensors) {
    const auto offset = tensor.view.data - file.bytes().data();
    EXPECT_EQ(offset % 64 != 0 && tensor.name != "odd", false) << tensor.name;
  }
  EXPECT_EQ(found.metadata.at(0).second, "value");
}

TEST(SafetensorsWriter, StreamsPiecesAndChecksTheirSum) {
  const TemporaryFolder folder;
  SafetensorsWriter writer(folder.file("x"), {{"a", DType::u8, {3}}, {"b", DType::f32, {1}}});
  EXPECT_EQ(writer.order()[0].name, "b");
  const std::string data = "bbbbaaa";
  writer.write(std::as_bytes(std::span(data).first(5)));
  EXPECT_THROW(writer.finish(), InternalError);
  EXPECT_THROW(writer.write(std::as_bytes(std::span(data))), InternalError);
  writer.write(std::as_bytes(std::span(data).subspan(5)));
  EXPECT_FALSE(std::filesystem::exists(folder.file("x")));
  writer.finish();
  const std::string content = read_all(folder.file("x"));
  EXPECT_EQ(bytes_of(parse(content).tensors[1].view), "aaa");
}

TEST(SafetensorsWriter, RefusesNamesTwiceAndSizesThatOverflow) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] {
              SafetensorsWriter(folder.file("x"), {{"a", DType::u8, {3}}, {"a", DType::f32, {1}}});
            }),
            folder.file("x") + ": tensor name \"a\" given twice");
  const Shape huge{std::int64_t{1} << 62, 4};
  EXPECT_NE(error_of([&] { SafetensorsWriter(folder.file("x"), {{"a", DType::u8, huge}}); }), "");
  const Shape large{std::int64_t{1} << 62};
  EXPECT_NE(error_of([&] {
              safetensors_header({{"a", DType::i8, large},
                                  {"b", DType::i8, large},
                                  {"c", DType::i8, large},
                                  {"d", DType::i8, large}},
                                 {});
            }),
            "");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Safetensors, EveryPrefixIsRefused) {
  const TemporaryFolder folder;
  const std::string data = "0123456789abcdef";
  write_safetensors(folder.file("x"), {{"w", view_of(data, DType::f32, {2, 2})}}, {{"format", "pt"}});
  const std::string content = read_all(folder.file("x"));
  EXPECT_EQ(parse(content).tensors.size(), 1u);
  for (std::size_t size = 0; size < content.size(); ++size) {
    // A copy of its own size, so that the address sanitizer sees any read beyond it.
    const std::string prefix(content.data(), size);
    EXPECT_NE(error_of([&] { parse(prefix); }), "") << size;
  }
}

TEST(Safetensors, AnyOneByteChangedGivesTensorsInsideTheFileOrAUserError) {
  const TemporaryFolder folder;
  const std::string data = "0123456789abcdef";
  write_safetensors(folder.file("x"),
                    {{"w", view_of(data, DType::f32, {2, 1})}, {"v", view_of(data, DType::u8, {8})}});
  const std::string content = read_all(folder.file("x"));
  for (std::size_t place = 0; place < content.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = content;
      changed[place] = static_cast<char>(byte);
      error_of([&] {
        for (const NamedTensor& tensor : parse(changed).tensors) {
          const std::size_t begin =
              static_cast<std::size_t>(tensor.view.data - std::as_bytes(std::span(changed)).data());
          ASSERT_LE(begin + byte_size(tensor.view.dtype, tensor.view.shape).value(), changed.size());
        }
      });
    }
  }
}

TEST(ByteSize, ChecksOverflow) {
  EXPECT_EQ(byte_size(DType::f32, {2, 3}), 24u);
  EXPECT_EQ(byte_size(DType::f32, {}), 4u);
  EXPECT_EQ(byte_size(DType::f4, {3}), std::nullopt);
  EXPECT_EQ(byte_size(DType::f6_e2m3, {4}), 3u);
  EXPECT_EQ(byte_size(DType::u8, {-1}), std::nullopt);
  EXPECT_EQ(byte_size(DType::f64, {std::int64_t{1} << 61}), std::nullopt);
}

TEST(DTypes, NamesReadBack) {
  for (int i = 0; i <= static_cast<int>(DType::f4); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_of(name_of(dtype)), dtype);
  }
  EXPECT_EQ(dtype_of("F128"), std::nullopt);
}

}  // namespace
}  // namespace berta::io
