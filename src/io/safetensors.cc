#include "io/safetensors.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "core/checked.h"
#include "core/error.h"
#include "io/quote.h"

namespace berta::io {
namespace {

static_assert(std::endian::native == std::endian::little, "mapped tensors are used as they lie in the file");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeader = 100'000'000;
constexpr std::size_t kMaxDepth = 127;  // what serde_json allows
constexpr std::string_view kMetadataKey = "__metadata__";

struct Entry {
  std::string name;
  DType dtype{};
  Shape shape;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// `FILE: tensor "NAME"` for errors.
std::string describe(std::string_view file, std::string_view tensor) {
  return std::string(file) + ": tensor " + quoted(tensor);
}

const Json& member(const Json& info, std::string_view key, const std::string& what) {
  const Json* value = info.find(key);
  if (!value) throw UserError(what + ": '" + std::string(key) + "' is missing");
  return *value;
}

/// As strict as the official reader: 8.0 is no size.
std::int64_t read_size(const Json& value, const std::string& what) {
  const auto* number = std::get_if<std::int64_t>(&value.value());
  if (!number) {
    const bool real = value.is_number();
    throw UserError(what + ": expected an integer from 0 to 2^63-1" +
                    (real ? ", found " + std::to_string(value.as_number(what)) : ""));
  }
  if (*number < 0)
    throw UserError(what + ": expected a size of at least 0, found " + std::to_string(*number));
  return *number;
}

Entry read_entry(const std::string& name, const Json& info, std::string_view file) {
  const std::string what = describe(file, name);
  if (!info.is_object()) throw UserError(what + ": expected an object with dtype, shape and data_offsets");
  Entry entry;
  entry.name = name;
  const std::string& type = member(info, "dtype", what).as_string(what + ", dtype");
  const auto dtype = dtype_of(type);
  if (!dtype) throw UserError(what + ": unknown dtype " + quoted(type));
  entry.dtype = *dtype;
  const Json::Array& shape = member(info, "shape", what).as_array(what + ", shape");
  for (const Json& extent : shape) entry.shape.push_back(read_size(extent, what + ", shape"));
  const Json::Array& offsets = member(info, "data_offsets", what).as_array(what + ", data_offsets");
  if (offsets.size() != 2) {
    throw UserError(what + ", data_offsets: expected 2 numbers, found " + std::to_string(offsets.size()));
  }
  entry.begin = static_cast<std::size_t>(read_size(offsets[0], what + ", data_offsets"));
  entry.end = static_cast<std::size_t>(read_size(offsets[1], what + ", data_offsets"));
  return entry;
}

std::string_view header_text(std::span<const std::byte> bytes, std::string_view name) {
  const auto fail = [&](const std::string& what) { throw UserError(std::string(name) + ": " + what); };
  if (bytes.size() < kLengthBytes) {
    fail("a safetensors file has at least 8 bytes, found " + std::to_string(bytes.size()));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMaxHeader) {
    fail("header length " + std::to_string(length) + " is over the limit of " + std::to_string(kMaxHeader));
  }
  if (length > bytes.size() - kLengthBytes) {
    fail("header length " + std::to_string(length) + " goes beyond the file's " +
         std::to_string(bytes.size()) + " bytes");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes,
                              static_cast<std::size_t>(length));
  if (text.empty() || text.front() != '{') fail("the safetensors header does not begin with '{'");
  return text;
}

void read_metadata(const Json& value, const std::string& what, WeightFile& result) {
  if (value.is_null()) return;
  for (const auto& [key, text] : value.as_object(what)) {
    result.metadata.emplace_back(key, text.as_string(what + ", value of " + quoted(key)));
  }
}

/// Sorted by place, the tensors must follow one another from 0 to `payload` and each fill its place.
void check_places(std::vector<Entry>& entries, std::size_t payload, std::string_view file) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  std::size_t position = 0;
  for (const Entry& entry : entries) {
    const auto fail = [&](const std::string& text) { throw UserError(describe(file, entry.name) + text); };
    const std::string place = fmt::format("[{}, {}]", entry.begin, entry.end);
    if (entry.begin != position || entry.end < entry.begin) {
      fail(", data_offsets: expected to begin at " + std::to_string(position) + ", found " + place);
    }
    const auto size = byte_size(entry.dtype, entry.shape);
    if (!size)
      fail(", shape: " + to_string(entry.shape) + " has no size in bytes (overflow or a broken byte)");
    if (*size != entry.end - entry.begin) {
      fail(", data_offsets: " + std::string(name_of(entry.dtype)) + " " + to_string(entry.shape) + " takes " +
           std::to_string(*size) + " bytes, found " + place);
    }
    position = entry.end;
  }
  if (position != payload) {
    throw UserError(std::string(file) + ": the tensors take " + std::to_string(position) +
                    " bytes after the header, found " + std::to_string(payload));
  }
}

}  // namespace

std::optional<std::size_t> byte_size(DType dtype, const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    const auto product = checked_multiply(count, extent);
    if (extent < 0 || !product) return std::nullopt;
    count = *product;
  }
  const auto bits = checked_multiply(static_cast<std::size_t>(count), bits_of(dtype));
  if (!bits || *bits % 8 != 0) return std::nullopt;
  return *bits / 8;
}

WeightFile parse_safetensors(std::span<const std::byte> bytes, std::string_view name) {
  const std::string_view text = header_text(bytes, name);
  const std::string what = std::string(name) + ": header";
  const Json header =
      parse_json(text, what, {.max_depth = kMaxDepth, .max_bytes = kMaxHeader, .allow_nan = false});
  WeightFile result;
  std::vector<Entry> entries;
  for (const auto& [key, value] : header.as_object(what)) {
    if (key == kMetadataKey) {
      read_metadata(value, what + ", __metadata__", result);
    } else {
      entries.push_back(read_entry(key, value, name));
    }
  }
  const std::byte* payload = bytes.data() + kLengthBytes + text.size();
  check_places(entries, bytes.size() - kLengthBytes - text.size(), name);
  for (Entry& entry : entries) {
    result.tensors.push_back(
        {std::move(entry.name), {entry.dtype, std::move(entry.shape), payload + entry.begin}});
  }
  return result;
}

}  // namespace berta::io
