#include "io/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace berta::io {

AppendFile AppendFile::create(const std::string& path) {
  return AppendFile(path, O_CREAT | O_EXCL, "create");
}

AppendFile AppendFile::open(const std::string& path) {
  return AppendFile(path, O_NONBLOCK, "open");  // a named pipe without a reader is an error then, not a wait
}

AppendFile::AppendFile(const std::string& path, int flags, const char* what) : path_(path) {
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0666);
  if (descriptor_ < 0) fail(what, errno);
  struct stat status {};
  const int found = ::fstat(descriptor_, &status);
  const int error = errno;
  if (found == 0 && S_ISREG(status.st_mode)) {
    size_ = status.st_size;
    return;
  }
  ::close(std::exchange(descriptor_, -1));
  if (found != 0) fail(what, error);
  throw UserError(path_ + ": not a regular file");
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

void AppendFile::fail(const char* what, int error) const {
  throw UserError(path_ + ": cannot " + what + ": " + std::strerror(error));
}

void AppendFile::append(std::span<const std::byte> bytes) {
  check_internal(descriptor_ >= 0, "append to a file that was moved away");
  constexpr std::size_t kPiece = std::size_t{1} << 30;  // write(2) takes at most about 2 GiB
  const auto size = static_cast<std::int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), kPiece));
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      const int error = errno;
      // If this fails too, the record stays torn: readers of logs have to bear a torn end anyway.
      [[maybe_unused]] const int cut = ::ftruncate(descriptor_, size_);
      fail("write", error);
    }
  }
  size_ += size;
}

void AppendFile::sync() {
  check_internal(descriptor_ >= 0, "sync of a file that was moved away");
  if (::fsync(descriptor_) != 0 && errno != EINVAL)
    fail("sync", errno);  // EINVAL: no sync on this file system
}

std::string host_name() {
  std::array<char, 256> buffer{};
  if (::gethostname(buffer.data(), buffer.size() - 1) != 0 || buffer[0] == 0) return "localhost";
  std::string name = buffer.data();
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    if (!plain) c = '_';
  }
  return name;
}

std::int64_t process_id() {
  return ::getpid();
}

}  // namespace berta::io
