#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace berta::io {

/// The bytes of a file from front to end; those of a gzip file (one or several members) unpacked.
class ByteSource {
 public:
  /// For files that are read more than once. Throws UserError "PATH: not a regular file", without opening it:
  /// that of a pipe may wait for ever.
  static void require_regular(const std::string& path);

  /// Throws UserError "PATH: cannot open: No such file or directory", also for a folder.
  explicit ByteSource(const std::string& path);
  ~ByteSource();
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;

  /// Fills `out` as far as there are bytes; fewer only at the end. Throws UserError "PATH: gzip data end too
  /// early" and the like.
  std::size_t read(std::span<char> out);

  /// Leaves out the next `count` unpacked bytes. Throws UserError if there are fewer.
  void skip(std::uint64_t count);

  /// Part of the file that has been read, 0 to 1.
  double fraction_read() const;

  const std::string& path() const { return path_; }

 private:
  struct State;
  std::string path_;
  std::unique_ptr<State> state_;
};

}  // namespace berta::io
