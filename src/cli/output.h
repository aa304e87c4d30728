#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace berta::cli {

/// The reader of our output has gone: nothing more to do, and nothing to say.
class PipeClosed {};

/// Where results go: standard output or a file. Each write is whole lines, and is in the file when the call
/// returns.
class Output {
 public:
  /// Empty or "-": standard output. Throws UserError "PATH: cannot create: ...".
  explicit Output(const std::string& path);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Throws UserError "PATH: cannot write: No space left on device", PipeClosed.
  void write(std::string_view bytes);
  void write(std::span<const std::byte> bytes) {
    write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  /// Closes a file. Throws UserError for an error that the system reports only now.
  void close();

  bool is_terminal() const;
  bool is_standard_output() const { return !owned_; }

 private:
  [[noreturn]] void fail(const char* what, int error) const;

  std::string name_;
  int descriptor_;
  bool owned_ = false;
};

}  // namespace berta::cli
