#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace berta::io {

/// A log that grows at its end. What append() has taken outlives the process (not the machine: see sync()).
class AppendFile {
 public:
  /// A new file. Throws UserError "PATH: cannot create: File exists".
  static AppendFile create(const std::string& path);
  /// A file that exists. Throws UserError "PATH: cannot open: ..." or "PATH: not a regular file".
  static AppendFile open(const std::string& path);

  ~AppendFile();
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Hands all bytes to the system. Throws UserError "PATH: cannot write: No space left on device"; what was
  /// written of these bytes is cut off again, so that a later append follows a whole record.
  void append(std::span<const std::byte> bytes);
  void append(std::string_view text) { append(std::as_bytes(std::span(text.data(), text.size()))); }

  /// Waits until the disk has it. Throws UserError "PATH: cannot sync: ...".
  void sync();

  const std::string& path() const { return path_; }

 private:
  AppendFile(const std::string& path, int flags, const char* what);
  [[noreturn]] void fail(const char* what, int error) const;

  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;  ///< bytes of whole records
};

/// The name of this machine in the network, of letters, digits, '.', '-' and '_' ('_' for others);
/// "localhost" where it has none.
std::string host_name();

/// The number of this process.
std::int64_t process_id();

}  // namespace berta::io
