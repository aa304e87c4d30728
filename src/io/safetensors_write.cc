#include <algorithm>
#include <cstdint>
#include <tuple>

#include "core/checked.h"
#include "core/error.h"
#include "io/quote.h"
#include "io/safetensors.h"

namespace berta::io {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kMaxHeader = 100'000'000;

/// The order of the official writer's types, by which it sorts downwards.
int rank_of(DType dtype) {
  constexpr DType kOrder[] = {
      DType::boolean, DType::f4,      DType::f6_e2m3, DType::f6_e3m2,     DType::u8,          DType::i8,
      DType::f8_e5m2, DType::f8_e4m3, DType::f8_e8m0, DType::f8_e4m3fnuz, DType::f8_e5m2fnuz, DType::i16,
      DType::u16,     DType::f16,     DType::bf16,    DType::i32,         DType::u32,         DType::f32,
      DType::c64,     DType::f64,     DType::i64,     DType::u64};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), dtype) - std::begin(kOrder));
}

bool goes_before(const TensorSpec& a, const TensorSpec& b) {
  const int a_rank = rank_of(a.dtype);
  const int b_rank = rank_of(b.dtype);
  return a_rank != b_rank ? a_rank > b_rank : a.name < b.name;
}

std::size_t checked_size(const TensorSpec& tensor, const std::string& path) {
  const auto size = byte_size(tensor.dtype, tensor.shape);
  if (!size) {
    throw UserError(path + ": tensor " + quoted(tensor.name) + " of shape " + to_string(tensor.shape) +
                    " has no size in bytes");
  }
  return *size;
}

std::vector<TensorSpec> sorted(std::vector<TensorSpec> tensors, const std::string& path,
                               Alignment alignment) {
  std::vector<std::string_view> names;
  names.reserve(tensors.size());
  for (const TensorSpec& tensor : tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    throw UserError(path + ": tensor name " + quoted(*twice) + " given twice");
  }
  std::sort(tensors.begin(), tensors.end(), goes_before);
  if (alignment == Alignment::cache_line) {
    std::stable_partition(tensors.begin(), tensors.end(), [&](const TensorSpec& tensor) {
      return checked_size(tensor, path) % kCacheLine == 0;
    });
  }
  return tensors;
}

void append_metadata(std::string& out, Metadata metadata) {
  if (metadata.empty()) return;
  std::sort(metadata.begin(), metadata.end());
  out += "\"__metadata__\":{";
  for (std::size_t i = 0; i < metadata.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, metadata[i].first);
    out += ':';
    append_json_string(out, metadata[i].second);
  }
  out += '}';
}

void append_entry(std::string& out, const TensorSpec& tensor, std::size_t begin, std::size_t end) {
  if (out.back() != '{') out += ',';
  append_json_string(out, tensor.name);
  out += ":{\"dtype\":\"" + std::string(name_of(tensor.dtype)) + "\",\"shape\":[";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (i > 0) out += ',';
    out += std::to_string(tensor.shape[i]);
  }
  out += "],\"data_offsets\":[" + std::to_string(begin) + ',' + std::to_string(end) + "]}";
}

}  // namespace

std::string safetensors_header(const std::vector<TensorSpec>& tensors, const Metadata& metadata,
                               Alignment alignment) {
  std::string text = "{";
  append_metadata(text, metadata);
  std::size_t position = 0;
  for (const TensorSpec& tensor : tensors) {
    const auto end = checked_add(position, checked_size(tensor, "safetensors header"));
    if (!end) throw UserError("safetensors header: tensors of more than 2^64 bytes");
    append_entry(text, tensor, position, *end);
    position = *end;
  }
  text += '}';
  const std::size_t multiple = alignment == Alignment::cache_line ? kCacheLine : kLengthBytes;
  const std::size_t payload = (kLengthBytes + text.size() + multiple - 1) / multiple * multiple;
  text.resize(payload - kLengthBytes, ' ');
  if (text.size() > kMaxHeader) {
    throw UserError("safetensors header: " + std::to_string(text.size()) + " bytes, expected at most " +
                    std::to_string(kMaxHeader));
  }
  std::string length;
  for (std::uint64_t rest = text.size(); length.size() < kLengthBytes; rest >>= 8) {
    length += static_cast<char>(rest & 0xFF);
  }
  return length + text;
}

SafetensorsWriter::SafetensorsWriter(const std::string& path, std::vector<TensorSpec> tensors,
                                     const Metadata& metadata, Alignment alignment)
    : tensors_(sorted(std::move(tensors), path, alignment)), file_(path) {
  file_.write(safetensors_header(tensors_, metadata, alignment));
  for (const TensorSpec& tensor : tensors_) missing_ += checked_size(tensor, path);
}

void SafetensorsWriter::write(std::span<const std::byte> bytes) {
  check_internal(bytes.size() <= missing_, "more payload than the safetensors header announces");
  file_.write(bytes);
  missing_ -= bytes.size();
}

void SafetensorsWriter::finish() {
  check_internal(missing_ == 0, "less payload than the safetensors header announces");
  file_.commit();
}

void write_safetensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                       const Metadata& metadata, Alignment alignment) {
  std::vector<TensorSpec> specs;
  std::vector<const NamedTensor*> by_name;
  for (const NamedTensor& tensor : tensors) {
    specs.push_back({tensor.name, tensor.view.dtype, tensor.view.shape});
    by_name.push_back(&tensor);
  }
  std::sort(by_name.begin(), by_name.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  SafetensorsWriter writer(path, std::move(specs), metadata, alignment);
  for (const TensorSpec& spec : writer.order()) {
    const auto found =
        std::lower_bound(by_name.begin(), by_name.end(), spec.name,
                         [](const auto* a, const std::string& name) { return a->name < name; });
    writer.write({(*found)->view.data, byte_size(spec.dtype, spec.shape).value()});
  }
  writer.finish();
}

}  // namespace berta::io
