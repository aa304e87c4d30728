#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string_view>

#include "io/torch_pickle.h"

namespace berta::io {

/// The pickle of a torch.save file and the bytes of the storages that it names, as views.
struct TorchArchive {
  PickleDocument document;
  std::map<std::string_view, std::span<const std::byte>> storages;  ///< by key
};

/// The zip form: ROOT/data.pkl and ROOT/data/KEY (torch/serialization.py, torch 1.6 to 2.13).
TorchArchive read_torch_zip(std::span<const std::byte> bytes, std::string_view file);

/// The form before torch 1.6: four pickles, the list of keys, then for each the number of elements and the
/// elements (torch/serialization.py, _legacy_save).
TorchArchive read_torch_legacy(std::span<const std::byte> bytes, std::string_view file);

/// Bytes of a storage. Throws UserError on overflow.
std::size_t storage_bytes(const PickleStorage& storage, std::string_view file);

}  // namespace berta::io
