#pragma once

#include <string>
#include <string_view>

#include "../wordvec/temporary_folder.h"

namespace berta::data {

using io::error_of;
using io::TemporaryFolder;

/// One file in a folder of its own.
class File {
 public:
  File(std::string_view name, std::string_view content) : path_(folder_.write(name, content)) {}

  const std::string& path() const { return path_; }

  /// The error that reading gives, without the folder.
  template <class Read>
  std::string refusal(Read read) const {
    std::string message = error_of([&] { read(path_); });
    const std::string before = folder_.path() + "/";
    for (std::size_t at = message.find(before); at != std::string::npos; at = message.find(before)) {
      message.erase(at, before.size());
    }
    return message;
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
};

}  // namespace berta::data
