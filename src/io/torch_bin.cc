#include "io/torch_bin.h"

#include <algorithm>
#include <string>

#include "core/error.h"
#include "io/quote.h"
#include "io/torch_archive.h"
#include "io/torch_tensor.h"

namespace berta::io {
namespace {

constexpr std::string_view kConfigKey = "config";

/// A plain Python value as JSON. Shared values could multiply, so the number of values is bounded.
class JsonConverter {
 public:
  JsonConverter(const PickleDocument& document, std::string what)
      : document_(document), what_(std::move(what)) {}

  Json convert(PickleId id, int depth = 0) {
    constexpr int kMaxDepth = 32;
    constexpr std::size_t kMaxValues = 100'000;
    if (depth > kMaxDepth) throw UserError(what_ + ": nested deeper than 32 levels");
    if (++count_ > kMaxValues) throw UserError(what_ + ": more than 100,000 values");
    const PickleValue& value = document_[id];
    switch (value.kind) {
      case PickleKind::none:
        return Json();
      case PickleKind::boolean:
        return Json(value.integer != 0);
      case PickleKind::integer:
        return Json(value.integer);
      case PickleKind::real:
        return Json(value.real);
      case PickleKind::string:
        return Json(std::string(value.text));
      case PickleKind::list:
      case PickleKind::tuple: {
        Json::Array array;
        for (const PickleId item : value.items) array.push_back(convert(item, depth + 1));
        return Json(std::move(array));
      }
      case PickleKind::dict:
        return object(value, depth);
      default:
        throw UserError(what_ + ": expected plain values (numbers, strings, lists, dicts)");
    }
  }

 private:
  Json object(const PickleValue& dict, int depth) {
    Json::Object members;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& key = document_[dict.items[i]];
      if (key.kind != PickleKind::string) throw UserError(what_ + ": expected strings as keys");
      const auto same = [&](const auto& member) { return member.first == key.text; };
      if (std::any_of(members.begin(), members.end(), same)) {
        throw UserError(what_ + ": key " + quoted(key.text) + " twice");
      }
      members.emplace_back(key.text, convert(dict.items[i + 1], depth + 1));
    }
    return Json(std::move(members));
  }

  const PickleDocument& document_;
  std::string what_;
  std::size_t count_ = 0;
};

bool holds_tensors(const PickleDocument& document, const PickleValue& dict) {
  for (std::size_t i = 1; i < dict.items.size(); i += 2) {
    if (document[dict.items[i]].kind == PickleKind::tensor) return true;
  }
  return false;
}

/// The value of that key if it is a dict.
const PickleValue* dict_under(const PickleDocument& document, const PickleValue& dict,
                              std::string_view name) {
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& key = document[dict.items[i]];
    const PickleValue& value = document[dict.items[i + 1]];
    if (key.kind == PickleKind::string && key.text == name && value.kind == PickleKind::dict) return &value;
  }
  return nullptr;
}

class StateReader {
 public:
  StateReader(const TorchArchive& archive, std::size_t file_bytes, std::string_view file)
      : archive_(archive), document_(archive.document), file_(file), builder_(std::max(file_bytes, kFree)) {}

  WeightFile read() {
    const PickleValue& dict = find_state();
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& value = document_[dict.items[i + 1]];
      if (value.kind == PickleKind::tensor) add_tensor(document_[dict.items[i]], value);
    }
    result_.blocks = builder_.take_blocks();
    refuse_duplicates();
    return std::move(result_);
  }

 private:
  static constexpr std::size_t kFree = std::size_t{16} << 20;  ///< bytes of copies that any file may have

  /// The dict that holds the tensors: the root, or one in a wrapper that a training loop put around it.
  const PickleValue& find_state() {
    constexpr std::string_view kWrappers[] = {"state_dict", "model_state_dict", "model", "module"};
    constexpr int kMaxLevels = 4;
    const PickleValue* dict = &document_.top();
    if (dict->kind != PickleKind::dict) fail("expected a dict of tensors");
    for (int level = 0; level < kMaxLevels; ++level) {
      read_config(*dict);
      if (holds_tensors(document_, *dict)) return *dict;
      const PickleValue* inner = nullptr;
      for (const std::string_view name : kWrappers) {
        if (!inner) inner = dict_under(document_, *dict, name);
      }
      if (!inner) break;
      dict = inner;
    }
    fail("the dict holds no tensors" + first_keys(document_.top()));
  }

  std::string first_keys(const PickleValue& dict) const {
    constexpr std::size_t kShown = 10;  // key and value of five
    std::string text;
    for (std::size_t i = 0; i + 1 < std::min(dict.items.size(), kShown); i += 2) {
      const PickleValue& key = document_[dict.items[i]];
      if (key.kind == PickleKind::string) text += (text.empty() ? ", its keys: " : ", ") + quoted(key.text);
    }
    return text;
  }

  void read_config(const PickleValue& dict) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& key = document_[dict.items[i]];
      if (key.kind != PickleKind::string || key.text != kConfigKey || result_.embedded_config) continue;
      if (document_[dict.items[i + 1]].kind != PickleKind::dict) continue;
      result_.embedded_config =
          JsonConverter(document_, std::string(file_) + ": key 'config'").convert(dict.items[i + 1]);
    }
  }

  void add_tensor(const PickleValue& key, const PickleValue& value) {
    if (key.kind != PickleKind::string) fail("expected strings as names of tensors");
    const std::string what = std::string(file_) + ": tensor " + quoted(key.text);
    const PickleTensor& tensor = document_.tensors[value.index];
    const PickleStorage& storage = document_.storages[tensor.storage];
    const auto bytes = archive_.storages.at(storage.key);
    const std::size_t element = size_of(storage.dtype);
    const auto part = bytes.subspan(static_cast<std::size_t>(storage.view_offset) * element,
                                    static_cast<std::size_t>(storage.view_size) * element);
    result_.tensors.push_back({std::string(key.text), builder_.build(tensor, part, what)});
  }

  void refuse_duplicates() const {
    std::vector<std::string_view> names;
    names.reserve(result_.tensors.size());
    for (const NamedTensor& tensor : result_.tensors) names.push_back(tensor.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) fail("tensor " + quoted(*twice) + " is there twice");
  }

  [[noreturn]] void fail(const std::string& what) const { throw UserError(std::string(file_) + ": " + what); }

  const TorchArchive& archive_;
  const PickleDocument& document_;
  std::string_view file_;
  TensorBuilder builder_;
  WeightFile result_;
};

TorchArchive read_archive(std::span<const std::byte> bytes, std::string_view file) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("PK")) return read_torch_zip(bytes, file);
  if (text.starts_with('\x80')) return read_torch_legacy(bytes, file);
  constexpr std::size_t kTarMagic = 257;
  if (text.size() > kTarMagic + 5 && text.substr(kTarMagic, 5) == "ustar") {
    throw UserError(std::string(file) + ": a tar archive of torch before 0.4; save the model again");
  }
  throw UserError(std::string(file) + ": expected a file of torch.save, found " +
                  (text.empty() ? "nothing" : "something that is neither a zip archive nor a pickle"));
}

}  // namespace

WeightFile parse_torch(std::span<const std::byte> bytes, std::string_view file) {
  const TorchArchive archive = read_archive(bytes, file);
  return StateReader(archive, bytes.size(), file).read();
}

}  // namespace berta::io
