#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace berta::io {

/// A file that appears under its name whole or not at all: written beside it, synced, renamed, and the
/// folder synced. A killed process leaves at most a file ".NAME.*.tmp"; the old file stays as it was.
class AtomicFile {
 public:
  /// Throws UserError "PATH: cannot create: ...".
  explicit AtomicFile(const std::string& path);
  /// Removes what was not committed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. Throws UserError "PATH: cannot write: No space left on device".
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

  /// Throws UserError as write; then nothing under the final name has changed.
  void commit();

 private:
  [[noreturn]] void fail(const char* what, int error) const;
  void sync_folder() const;

  std::string path_;
  std::string temporary_;  ///< empty once renamed or removed
  int descriptor_ = -1;
};

/// Writes a whole small file through AtomicFile.
void write_file(const std::string& path, std::string_view text);

}  // namespace berta::io
