#include "io/torch_zip.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/error.h"
#include "io/byte_reader.h"
#include "io/quote.h"

// PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3.
namespace berta::io {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCentralBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocator64Bytes = 20;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  ///< the number is in the zip64 record

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct Central {
  std::string_view name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t packed = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  ///< of the local header
  std::uint64_t end = 0;     ///< of the data
};

class ZipReader {
 public:
  ZipReader(std::span<const std::byte> bytes, std::string_view file) : bytes_(bytes), file_(file) {}

  std::vector<ZipEntry> read() {
    const Directory directory = find_directory();
    std::vector<Central> centrals = read_directory(directory);
    std::vector<ZipEntry> entries;
    entries.reserve(centrals.size());
    for (Central& central : centrals) entries.push_back(locate(central, directory.offset));
    refuse_overlaps(centrals);
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    const auto twice = std::adjacent_find(entries.begin(), entries.end(),
                                          [](const auto& a, const auto& b) { return a.name == b.name; });
    if (twice != entries.end()) fail("zip entry " + quoted(twice->name) + " is there twice");
    return entries;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw UserError(std::string(file_) + ": " + what); }

  template <class T>
  T number(std::size_t offset) const {
    const auto value = read_number<T>(bytes_, offset);
    if (!value) fail("the zip archive ends inside a record at byte " + std::to_string(offset));
    return *value;
  }

  std::size_t find_end() const {
    constexpr std::size_t kMaxComment = 0xFFFF;
    if (bytes_.size() < kEndBytes) fail("a zip archive has at least 22 bytes");
    const std::size_t last = bytes_.size() - kEndBytes;
    for (std::size_t back = 0; back <= std::min(last, kMaxComment); ++back) {
      const std::size_t at = last - back;
      if (number<std::uint32_t>(at) == kEndSignature && number<std::uint16_t>(at + 20) == back) return at;
    }
    fail("the zip archive has no end record: cut off, or not written by torch.save");
  }

  Directory find_directory() const {
    const std::size_t end = find_end();
    if (number<std::uint16_t>(end + 4) != 0 || number<std::uint16_t>(end + 6) != 0) {
      fail("a zip archive of several disks");
    }
    Directory directory{number<std::uint16_t>(end + 10), number<std::uint32_t>(end + 16),
                        number<std::uint32_t>(end + 12)};
    std::size_t limit = end;
    const bool has64 =
        end >= kLocator64Bytes && number<std::uint32_t>(end - kLocator64Bytes) == kLocator64Signature;
    if (has64) {
      const auto record = number<std::uint64_t>(end - kLocator64Bytes + 8);
      if (!read_bytes(bytes_, record, kEnd64Bytes) || record + kEnd64Bytes > end - kLocator64Bytes) {
        fail("the zip64 end record lies outside the file");
      }
      limit = static_cast<std::size_t>(record);
      if (number<std::uint32_t>(limit) != kEnd64Signature) fail("the zip64 end record has a wrong signature");
      directory = {number<std::uint64_t>(limit + 32), number<std::uint64_t>(limit + 48),
                   number<std::uint64_t>(limit + 40)};
    }
    if (directory.offset > limit || directory.size != limit - directory.offset) {
      fail("the zip directory does not fill its place: offset " + std::to_string(directory.offset) +
           ", size " + std::to_string(directory.size) + ", end record at " + std::to_string(limit));
    }
    if (directory.entries > directory.size / kCentralBytes) {
      fail("the zip directory says " + std::to_string(directory.entries) + " entries, more than fit into it");
    }
    return directory;
  }

  std::vector<Central> read_directory(const Directory& directory) const {
    std::vector<Central> result;
    result.reserve(static_cast<std::size_t>(directory.entries));
    auto position = static_cast<std::size_t>(directory.offset);
    const std::size_t end = position + static_cast<std::size_t>(directory.size);
    while (result.size() < directory.entries) {
      if (end - position < kCentralBytes) fail("the zip directory ends early");
      if (number<std::uint32_t>(position) != kCentralSignature) {
        fail("a zip directory entry has a wrong signature at byte " + std::to_string(position));
      }
      const std::size_t name_bytes = number<std::uint16_t>(position + 28);
      const std::size_t extra_bytes = number<std::uint16_t>(position + 30);
      const std::size_t length =
          kCentralBytes + name_bytes + extra_bytes + number<std::uint16_t>(position + 32);
      if (length > end - position) fail("the zip directory ends early");
      Central central = read_central(position, name_bytes);
      read_zip64(central, bytes_.subspan(position + kCentralBytes + name_bytes, extra_bytes));
      check_entry(central);
      result.push_back(central);
      position += length;
    }
    if (position != end) fail("the zip directory holds more than its entries");
    return result;
  }

  std::string_view text(std::size_t offset, std::size_t size) const {
    const auto part = read_bytes(bytes_, offset, size);
    if (!part) fail("a zip name goes beyond the end of the file");
    return {reinterpret_cast<const char*>(part->data()), part->size()};
  }

  Central read_central(std::size_t position, std::size_t name_bytes) const {
    Central central;
    central.flags = number<std::uint16_t>(position + 8);
    central.method = number<std::uint16_t>(position + 10);
    central.packed = number<std::uint32_t>(position + 20);
    central.size = number<std::uint32_t>(position + 24);
    central.offset = number<std::uint32_t>(position + 42);
    central.name = text(position + kCentralBytes, name_bytes);
    return central;
  }

  /// The zip64 extra field holds, in this order, those of the three numbers that don't fit.
  void read_zip64(Central& central, std::span<const std::byte> extra) const {
    constexpr std::uint16_t kZip64Field = 1;
    while (extra.size() >= 4) {
      const auto tag = *read_number<std::uint16_t>(extra, 0);
      const std::size_t size = *read_number<std::uint16_t>(extra, 2);
      const auto field = read_bytes(extra, 4, size);
      if (!field) fail("zip entry " + quoted(central.name) + ": a broken extra field");
      if (tag == kZip64Field) {
        std::size_t at = 0;
        for (std::uint64_t* value : {&central.size, &central.packed, &central.offset}) {
          if (*value != kIn64) continue;
          const auto wide = read_number<std::uint64_t>(*field, at);
          if (!wide) fail("zip entry " + quoted(central.name) + ": a short zip64 field");
          *value = *wide;
          at += 8;
        }
        return;
      }
      extra = extra.subspan(4 + size);
    }
  }

  void check_entry(const Central& central) const {
    const std::string what = "zip entry " + quoted(central.name) + ": ";
    if (central.flags & 1u) fail(what + "encrypted");
    if (central.method != 0) {
      fail(what + "compressed (method " + std::to_string(central.method) +
           "), expected stored as torch.save writes it; save the model again");
    }
    if (central.packed != central.size) {
      fail(what + "stored in " + std::to_string(central.packed) + " bytes but " +
           std::to_string(central.size) + " long");
    }
    if (!is_safe_name(central.name)) fail(what + "a name that leaves its folder");
  }

  static bool is_safe_name(std::string_view name) {
    constexpr std::string_view kForbidden("\\\0", 2);
    if (name.empty() || name.front() == '/' || name.find_first_of(kForbidden) != name.npos) return false;
    if (name.size() > 1 && name[1] == ':') return false;  // a drive letter
    while (!name.empty()) {
      const auto slash = name.find('/');
      if (name.substr(0, slash) == "..") return false;
      name = slash == name.npos ? std::string_view{} : name.substr(slash + 1);
    }
    return true;
  }

  ZipEntry locate(Central& central, std::uint64_t directory) const {
    const std::string what = "zip entry " + quoted(central.name) + ": ";
    if (!read_bytes(bytes_, central.offset, kLocalBytes) || central.offset > directory) {
      fail(what + "its header lies outside the file");
    }
    const auto at = static_cast<std::size_t>(central.offset);
    if (number<std::uint32_t>(at) != kLocalSignature) fail(what + "its header has a wrong signature");
    const std::size_t name_bytes = number<std::uint16_t>(at + 26);
    if (text(at + kLocalBytes, name_bytes) != central.name) {
      fail(what + "its header has another name than the directory");
    }
    if (number<std::uint16_t>(at + 8) != central.method) fail(what + "its header has another method");
    const std::size_t start = at + kLocalBytes + name_bytes + number<std::uint16_t>(at + 28);
    const auto data = read_bytes(bytes_, start, central.size);
    if (!data || start > directory || central.size > directory - start) {
      fail(what + "its data goes beyond the end of the file");
    }
    central.end = start + central.size;
    return {central.name, *data};
  }

  void refuse_overlaps(std::vector<Central>& centrals) const {
    std::sort(centrals.begin(), centrals.end(),
              [](const Central& a, const Central& b) { return a.offset < b.offset; });
    for (std::size_t i = 1; i < centrals.size(); ++i) {
      if (centrals[i].offset < centrals[i - 1].end) {
        fail("zip entries " + quoted(centrals[i - 1].name) + " and " + quoted(centrals[i].name) + " overlap");
      }
    }
  }

  std::span<const std::byte> bytes_;
  std::string_view file_;
};

}  // namespace

std::vector<ZipEntry> read_zip(std::span<const std::byte> bytes, std::string_view file) {
  return ZipReader(bytes, file).read();
}

const ZipEntry* find_entry(const std::vector<ZipEntry>& entries, std::string_view name) {
  const auto found =
      std::lower_bound(entries.begin(), entries.end(), name,
                       [](const ZipEntry& entry, std::string_view key) { return entry.name < key; });
  return found != entries.end() && found->name == name ? &*found : nullptr;
}

}  // namespace berta::io
