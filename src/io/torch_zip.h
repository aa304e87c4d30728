#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace berta::io {

/// One file in a zip archive; views into the archive's bytes.
struct ZipEntry {
  std::string_view name;
  std::span<const std::byte> data;
};

/// Lists the entries of a zip archive whose entries are all stored (as torch.save writes them), zip64 too.
/// Nothing is copied; checksums aren't read, as torch doesn't either. Sorted by name.
/// Throws UserError: no or a broken directory, compressed or encrypted entries, entries that overlap or lie
/// outside, a name twice, a name that leaves its folder.
std::vector<ZipEntry> read_zip(std::span<const std::byte> bytes, std::string_view file);

/// The entry of that name, or nullptr.
const ZipEntry* find_entry(const std::vector<ZipEntry>& entries, std::string_view name);

}  // namespace berta::io
