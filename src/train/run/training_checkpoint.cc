#include "train/run/training_checkpoint.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <span>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/crc32c.h"
#include "io/folder.h"
#include "io/json.h"
#include "io/mapped_file.h"
#include "io/safetensors.h"

namespace berta::train {
namespace {

constexpr const char* kIndex = "checkpoint.json";

DType dtype_of(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return DType::f32;
    case at::kDouble:
      return DType::f64;
    case at::kInt:
      return DType::i32;
    case at::kLong:
      return DType::i64;
    default:
      throw InternalError("a checkpoint holds no such type");
  }
}

at::ScalarType type_of(const io::NamedTensor& tensor, const std::string& file) {
  switch (tensor.view.dtype) {
    case DType::f32:
      return at::kFloat;
    case DType::f64:
      return at::kDouble;
    case DType::i32:
      return at::kInt;
    case DType::i64:
      return at::kLong;
    default:
      throw UserError(file + ": tensor '" + tensor.name + "': expected F32, F64, I32 or I64, found " +
                      std::string(name_of(tensor.view.dtype)));
  }
}

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.const_data_ptr()), static_cast<std::size_t>(tensor.nbytes())};
}

/// Writes the payloads and sums the checksum of the whole file up.
struct Written {
  std::size_t size = 0;
  std::uint32_t crc = 0;
};

Written write_tensors(const std::string& path, const TrainingState& state) {
  std::vector<io::TensorSpec> specs;
  std::map<std::string, at::Tensor> by_name;
  for (const auto& [name, tensor] : state.tensors) {
    specs.push_back({name, dtype_of(tensor), tensor.sizes().vec()});
    by_name[name] = tensor.detach().to(at::kCPU).contiguous();
  }
  io::Metadata metadata(state.facts.begin(), state.facts.end());
  io::SafetensorsWriter writer(path, specs, metadata);
  const std::string header = io::safetensors_header(writer.order(), metadata);
  Written written{header.size(), io::crc32c(std::as_bytes(std::span(header.data(), header.size())))};
  for (const io::TensorSpec& spec : writer.order()) {
    const auto bytes = bytes_of(by_name.at(spec.name));
    writer.write(bytes);
    written.size += bytes.size();
    written.crc = io::crc32c(bytes, written.crc);
  }
  writer.finish();
  return written;
}

}  // namespace

bool TrainingState::has(const std::string& tensor) const {
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const auto& entry) { return entry.first == tensor; });
}

const at::Tensor& TrainingState::tensor(const std::string& name) const {
  for (const auto& [at, tensor] : tensors) {
    if (at == name) return tensor;
  }
  throw UserError("checkpoint: expected a tensor '" + name + "', found none");
}

const std::string& TrainingState::fact(const std::string& name) const {
  const auto found = facts.find(name);
  if (found == facts.end()) throw UserError("checkpoint: expected '" + name + "', found none");
  return found->second;
}

double TrainingState::number(const std::string& name) const {
  const std::string& text = fact(name);
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::hex);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw UserError("checkpoint: '" + name + "': expected a number, found '" + text + "'");
  }
  return value;
}

std::string exact_text(double number) {
  std::array<char, 64> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::hex);
  check_internal(error == std::errc(), "a double that has no text");
  return {text.data(), end};
}

std::string CheckpointFolder::index() const {
  return io::join(folder_, kIndex);
}

bool CheckpointFolder::has_checkpoint() const {
  return io::is_file(index());
}

void CheckpointFolder::write(const TrainingState& state) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw UserError(folder_ + ": cannot create: " + error.message());
  std::vector<std::filesystem::path> older;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().filename() != kIndex) older.push_back(entry.path());
  }
  // A resumed training comes by its old steps again: never over the file that the index names.
  const std::string base = "step-" + std::to_string(state.step);
  std::string name = base + ".safetensors";
  for (int copy = 1; io::is_file(io::join(folder_, name)); ++copy) {
    name = base + "-" + std::to_string(copy) + ".safetensors";
  }
  const Written written = write_tensors(io::join(folder_, name), state);
  std::string text = "{\"format\": \"berta training checkpoint 1\", \"file\": ";
  io::append_json_string(text, name);
  text += ", \"bytes\": " + std::to_string(written.size) + ", \"crc32c\": " + std::to_string(written.crc) +
          ", \"step\": " + std::to_string(state.step) + "}\n";
  io::write_file(index(), text);
  for (const auto& path : older) std::filesystem::remove(path, error);
}

TrainingState CheckpointFolder::read() const {
  if (!has_checkpoint()) throw UserError(folder_ + ": expected a checkpoint to resume from, found none");
  const std::string where = index() + ": key ";
  const io::Json json = io::read_json(index());
  const auto integer = [&](const char* key) {
    const io::Json* value = json.find(key);
    return value == nullptr ? -1 : value->as_integer(where + "'" + key + "'");
  };
  const io::Json* name = json.find("file");
  if (name == nullptr || !io::is_plain_name(name->as_string(where + "'file'"))) {
    throw UserError(where + "'file': expected the name of a file in the folder");
  }
  const std::string path = io::join(folder_, name->as_string(where + "'file'"));
  const io::MappedFile file(path);
  const auto size = static_cast<std::int64_t>(file.bytes().size());
  if (size != integer("bytes") || io::crc32c(file.bytes()) != integer("crc32c")) {
    throw UserError(
        path + ": expected the bytes that were written, found others: the file was changed or is damaged");
  }
  const io::WeightFile content = io::parse_safetensors(file.bytes(), path);
  TrainingState state;
  state.step = integer("step");
  state.facts.insert(content.metadata.begin(), content.metadata.end());
  for (const io::NamedTensor& tensor : content.tensors) {
    at::Tensor copy = at::empty(tensor.view.shape, type_of(tensor, path));
    std::copy_n(tensor.view.data, copy.nbytes(), static_cast<std::byte*>(copy.data_ptr()));
    state.tensors.emplace_back(tensor.name, std::move(copy));
  }
  return state;
}

void CheckpointFolder::remove() const {
  std::error_code ignored;  // the results are there; a checkpoint that stays harms nothing
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace berta::train
