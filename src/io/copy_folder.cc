#include "io/copy_folder.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/folder.h"
#include "io/mapped_file.h"

namespace berta::io {
namespace {

namespace fs = std::filesystem;

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directory(path, error);
  if (!is_folder(path)) {
    throw UserError(path + ": cannot create the folder: " + (error ? error.message() : "a file is there"));
  }
}

void copy_files(const std::string& from, const std::string& to,
                const std::function<bool(std::string_view)>& wanted, bool into_folders) {
  std::error_code error;
  fs::directory_iterator entries(from, error);
  if (error) throw UserError(from + ": cannot list the folder: " + error.message());
  bool made = false;
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    if (error) throw UserError(from + ": cannot list the folder: " + error.message());
    const std::string name = entries->path().filename().string();
    const std::string path = join(from, name);
    if (is_file(path) && wanted(name)) {
      if (!std::exchange(made, true)) make_folder(to);
      write_file(join(to, name), MappedFile(path).text());
    } else if (into_folders && is_folder(path) && !entries->is_symlink(error)) {
      copy_files(path, join(to, name), wanted, false);
    }
  }
}

}  // namespace

void copy_folder(const std::string& from, const std::string& to,
                 const std::function<bool(std::string_view)>& wanted) {
  make_folder(to);
  copy_files(from, to, wanted, true);
}

}  // namespace berta::io
