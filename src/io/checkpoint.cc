#include "io/checkpoint.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "io/folder.h"
#include "io/mapped_file.h"
#include "io/quote.h"
#include "io/safetensors.h"
#include "io/torch_bin.h"

namespace berta::io {
namespace {

constexpr std::string_view kIndexSuffix = ".index.json";
constexpr std::size_t kMaxIndexBytes = 100'000'000;

/// What a model folder may hold, in the order of preference.
constexpr std::string_view kNames[] = {"model.safetensors", "model.safetensors.index.json",
                                       "pytorch_model.bin", "pytorch_model.bin.index.json",
                                       "prepared.safetensors"};

std::string find_weights(const std::string& folder) {
  std::string tried;
  for (const std::string_view name : kNames) {
    std::string path = join(folder, name);
    if (is_file(path)) return path;
    if (!tried.empty()) tried += ", ";
    tried += name;
  }
  throw UserError(folder + ": no weights found, looked for " + tried);
}

WeightFile parse_weights(const MappedFile& file) {
  if (file.text().starts_with("version https://git-lfs")) {
    throw UserError(file.path() + ": expected weights, found a Git LFS pointer; fetch the file itself");
  }
  if (!file.path().ends_with(".safetensors")) return parse_torch(file.bytes(), file.path());
  return parse_safetensors(file.bytes(), file.path());
}

/// The index's "weight_map": shard -> names of tensors it must hold.
std::map<std::string, std::vector<std::string>> read_index(const std::string& path) {
  const Json index = read_json(path, {.max_bytes = kMaxIndexBytes});
  index.as_object(path);
  const Json* weight_map = index.find("weight_map");
  if (!weight_map) throw UserError(path + ": key 'weight_map' is missing");
  std::map<std::string, std::vector<std::string>> shards;
  for (const auto& [tensor, shard] : weight_map->as_object(path + ": key 'weight_map'")) {
    const std::string what = path + ": key 'weight_map', tensor " + quoted(tensor);
    const std::string& name = shard.as_string(what);
    if (!is_plain_name(name)) {
      throw UserError(what + ": expected a file name in the same folder, found " + quoted(name));
    }
    shards[name].push_back(tensor);
  }
  if (shards.empty()) throw UserError(path + ": key 'weight_map' names no tensors");
  return shards;
}

}  // namespace

Checkpoint Checkpoint::open(const std::string& path) {
  const std::string weights = is_folder(path) ? find_weights(path) : path;
  Checkpoint checkpoint;
  if (weights.ends_with(kIndexSuffix)) {
    checkpoint.add_index(weights);
  } else {
    checkpoint.add_file(weights);
  }
  checkpoint.sort_and_refuse_duplicates();
  return checkpoint;
}

void Checkpoint::add_file(const std::string& path) {
  auto file = std::make_shared<const MappedFile>(path);
  WeightFile weights = parse_weights(*file);
  files_.push_back(path);
  mappings_.push_back(std::move(file));
  for (auto& block : weights.blocks) blocks_.push_back(std::move(block));
  for (auto& entry : weights.metadata) metadata_.push_back(std::move(entry));
  for (NamedTensor& tensor : weights.tensors) {
    tensors_.push_back({std::move(tensor.name), std::move(tensor.view), path});
  }
  if (weights.embedded_config && !embedded_config_) embedded_config_ = std::move(weights.embedded_config);
}

void Checkpoint::add_index(const std::string& path) {
  files_.push_back(path);
  for (const auto& [shard, names] : read_index(path)) {
    const std::string shard_path = join(parent_of(path), shard);
    if (!is_file(shard_path)) {
      throw UserError(path + ": key 'weight_map' names the shard " + quoted(shard) + ", which is not there");
    }
    const std::size_t first = tensors_.size();
    add_file(shard_path);
    std::vector<std::string_view> held;
    for (std::size_t i = first; i < tensors_.size(); ++i) held.push_back(tensors_[i].name);
    std::sort(held.begin(), held.end());
    for (const std::string& name : names) {
      if (!std::binary_search(held.begin(), held.end(), name)) {
        throw UserError(path + ": key 'weight_map' says that " + quoted(shard) + " holds the tensor " +
                        quoted(name) + ", which is not there");
      }
    }
  }
}

void Checkpoint::release(const TensorView& view) const {
  const auto size = byte_size(view.dtype, view.shape);
  for (const auto& mapping : mappings_) mapping->release({view.data, size.value_or(0)});
}

void Checkpoint::sort_and_refuse_duplicates() {
  std::sort(tensors_.begin(), tensors_.end(),
            [](const CheckpointTensor& a, const CheckpointTensor& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(
      tensors_.begin(), tensors_.end(),
      [](const CheckpointTensor& a, const CheckpointTensor& b) { return a.name == b.name; });
  if (twice != tensors_.end()) {
    throw UserError(twice->file + ": tensor " + quoted(twice->name) + " is also in " + (twice + 1)->file);
  }
}

const CheckpointTensor* Checkpoint::find(std::string_view name) const {
  const auto found = std::lower_bound(
      tensors_.begin(), tensors_.end(), name,
      [](const CheckpointTensor& tensor, std::string_view key) { return tensor.name < key; });
  return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

}  // namespace berta::io
