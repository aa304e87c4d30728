#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace berta::io {

/// A regular file mapped read-only. Cheap to move; the mapping lives as long as the object.
class MappedFile {
 public:
  /// Throws UserError "PATH: cannot open: No such file or directory" or "PATH: not a regular file".
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  /// Drops the whole pages of a part from memory; they are read from the file again when they are next
  /// touched. A range outside the file is left alone.
  void release(std::span<const std::byte> part) const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace berta::io
