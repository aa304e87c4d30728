#include "io/torch_archive.h"

#include <string>

#include "core/checked.h"
#include "core/error.h"
#include "io/byte_reader.h"
#include "io/quote.h"
#include "io/torch_zip.h"

namespace berta::io {
namespace {

constexpr std::string_view kPickleName = "data.pkl";

[[noreturn]] void fail(std::string_view file, const std::string& what) {
  throw UserError(std::string(file) + ": " + what);
}

/// The one folder of the archive that holds data.pkl, with its slash.
std::string_view find_root(const std::vector<ZipEntry>& entries, std::string_view file) {
  std::string_view root;
  bool found = false;
  for (const ZipEntry& entry : entries) {
    const auto slash = entry.name.find('/');
    if (slash == entry.name.npos || entry.name.substr(slash + 1) != kPickleName) continue;
    if (found) fail(file, "two pickles: " + quoted(root) + " and " + quoted(entry.name));
    found = true;
    root = entry.name.substr(0, slash + 1);
  }
  if (!found) fail(file, "a zip archive without FOLDER/data.pkl, so not written by torch.save");
  return root;
}

const ZipEntry* find_in(const std::vector<ZipEntry>& entries, std::string_view root, std::string_view name) {
  return find_entry(entries, std::string(root).append(name));
}

void check_form(const std::vector<ZipEntry>& entries, std::string_view root, std::string_view file) {
  if (find_in(entries, root, "constants.pkl")) {
    fail(file, "a TorchScript archive, expected a state dict from torch.save");
  }
  const ZipEntry* order = find_in(entries, root, "byteorder");
  if (!order) return;
  const std::string_view text(reinterpret_cast<const char*>(order->data.data()), order->data.size());
  if (text != "little") fail(file, "byteorder: expected \"little\", found " + quoted(text));
}

struct Block {
  std::int64_t elements = 0;
  std::size_t bytes = 0;
};

/// The storages by key. Every mention of one must agree on its size.
std::map<std::string_view, Block> storage_blocks(const PickleDocument& document, std::string_view file) {
  std::map<std::string_view, Block> blocks;
  for (const PickleStorage& storage : document.storages) {
    const Block block{storage.size, storage_bytes(storage, file)};
    const auto [place, added] = blocks.emplace(storage.key, block);
    if (!added && place->second.bytes != block.bytes) {
      fail(file, "storage " + quoted(storage.key) + " of " + std::to_string(block.bytes) + " and of " +
                     std::to_string(place->second.bytes) + " bytes");
    }
  }
  return blocks;
}

/// Reads one of the pickles that follow one another in a legacy file.
PickleDocument next_pickle(std::span<const std::byte>& rest, std::string_view file, const char* name) {
  PickleDocument document = unpickle(rest, std::string(file) + ", " + name);
  rest = rest.subspan(document.bytes);
  return document;
}

/// The three pickles before the object: magic number, protocol, and the machine that wrote it.
void check_legacy_start(std::span<const std::byte>& rest, std::string_view file) {
  constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
  constexpr std::int64_t kProtocol = 1001;
  const PickleDocument magic = next_pickle(rest, file, "magic number");
  if (magic.top().kind != PickleKind::big_integer || magic.top().text != kMagic) {
    fail(file, "a pickle, but none of torch.save: the magic number is missing");
  }
  const PickleDocument protocol = next_pickle(rest, file, "protocol version");
  if (protocol.top().kind != PickleKind::integer || protocol.top().integer != kProtocol) {
    fail(file, "expected the protocol version 1001 of torch.save");
  }
  const PickleDocument system = next_pickle(rest, file, "system information");
  const PickleValue& dict = system.top();
  if (dict.kind != PickleKind::dict) fail(file, "expected a dict as system information");
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& key = system[dict.items[i]];
    if (key.kind != PickleKind::string || key.text != "little_endian") continue;
    const PickleValue& value = system[dict.items[i + 1]];
    if (value.kind != PickleKind::boolean || value.integer == 0) {
      fail(file, "key 'little_endian': expected true, the file comes from a big-endian machine");
    }
  }
}

}  // namespace

std::size_t storage_bytes(const PickleStorage& storage, std::string_view file) {
  const auto bytes = checked_multiply(static_cast<std::size_t>(storage.size), size_of(storage.dtype));
  if (!bytes) fail(file, "storage " + quoted(storage.key) + ": its size overflows");
  return *bytes;
}

TorchArchive read_torch_zip(std::span<const std::byte> bytes, std::string_view file) {
  const std::vector<ZipEntry> entries = read_zip(bytes, file);
  const std::string_view root = find_root(entries, file);
  check_form(entries, root, file);
  TorchArchive archive;
  archive.document = unpickle(find_in(entries, root, kPickleName)->data, std::string(file) + ", data.pkl");
  for (const auto& [key, block] : storage_blocks(archive.document, file)) {
    const ZipEntry* entry = find_in(entries, root, std::string("data/").append(key));
    if (!entry) fail(file, "storage " + quoted(key) + " is missing in the archive");
    if (entry->data.size() != block.bytes) {
      fail(file, "storage " + quoted(key) + ": expected " + std::to_string(block.bytes) + " bytes, found " +
                     std::to_string(entry->data.size()));
    }
    archive.storages.emplace(key, entry->data);
  }
  return archive;
}

TorchArchive read_torch_legacy(std::span<const std::byte> bytes, std::string_view file) {
  std::span<const std::byte> rest = bytes;
  check_legacy_start(rest, file);
  TorchArchive archive;
  archive.document = next_pickle(rest, file, "object");
  const PickleDocument keys = next_pickle(rest, file, "storage keys");
  const auto blocks = storage_blocks(archive.document, file);
  if (keys.top().kind != PickleKind::list) fail(file, "expected a list of storage keys");
  for (const PickleId id : keys.top().items) {
    if (keys[id].kind != PickleKind::string) fail(file, "expected strings as storage keys");
    const auto known = blocks.find(keys[id].text);
    if (known == blocks.end()) fail(file, "storage " + quoted(keys[id].text) + " belongs to no tensor");
    const auto elements = read_number<std::int64_t>(rest, 0);
    const auto data = elements ? read_bytes(rest, sizeof *elements, known->second.bytes) : std::nullopt;
    if (!data) fail(file, "the file ends inside storage " + quoted(known->first));
    if (*elements != known->second.elements) {
      fail(file, "storage " + quoted(known->first) + ": expected " + std::to_string(known->second.elements) +
                     " elements, found " + std::to_string(*elements) + " elements");
    }
    if (!archive.storages.emplace(known->first, *data).second) {
      fail(file, "storage " + quoted(known->first) + " is there twice");
    }
    rest = rest.subspan(sizeof *elements + data->size());
  }
  for (const PickleStorage& storage : archive.document.storages) {
    if (!archive.storages.contains(storage.key)) fail(file, "storage " + quoted(storage.key) + " is missing");
  }
  if (!rest.empty()) fail(file, std::to_string(rest.size()) + " bytes after the last storage");
  return archive;
}

}  // namespace berta::io
