#include "io/byte_source.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/error.h"

namespace berta::io {

struct ByteSource::State {
  explicit State(gzFile opened) : file(opened) {}
  ~State() { gzclose_r(file); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  gzFile file;
  double size = 0;  // of the packed file
};

namespace {

/// What zlib reads at once; its own 8 KB cost a system call each.
constexpr unsigned kBuffer = 256 * 1024;

[[noreturn]] void fail(const std::string& path, gzFile file) {
  int code = 0;
  const char* message = gzerror(file, &code);
  if (code == Z_ERRNO) throw UserError(path + ": cannot read: " + std::strerror(errno));
  if (code == Z_BUF_ERROR) throw UserError(path + ": the gzip data end too early");
  throw UserError(path + ": bad gzip data: " + (message == nullptr ? "" : message));
}

struct stat facts_of(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) throw UserError(path + ": cannot open: " + std::strerror(errno));
  if (S_ISDIR(facts.st_mode)) throw UserError(path + ": cannot open: Is a directory");
  return facts;
}

}  // namespace

void ByteSource::require_regular(const std::string& path) {
  if (S_ISREG(facts_of(path).st_mode)) return;
  throw UserError(path + ": not a regular file, and it is read more than once");
}

ByteSource::ByteSource(const std::string& path) : path_(path) {
  const struct stat facts = facts_of(path);
  errno = 0;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    throw UserError(path + ": cannot open: " + (errno == 0 ? "out of memory" : std::strerror(errno)));
  }
  state_ = std::make_unique<State>(file);
  state_->size = static_cast<double>(facts.st_size);
  gzbuffer(file, kBuffer);
}

ByteSource::~ByteSource() = default;
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;

std::size_t ByteSource::read(std::span<char> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    constexpr std::size_t kMost = std::size_t{1} << 30;  // zlib counts in unsigned int
    const auto wanted = static_cast<unsigned>(std::min(out.size() - filled, kMost));
    const int count = gzread(state_->file, out.data() + filled, wanted);
    if (count < 0) fail(path_, state_->file);
    filled += static_cast<std::size_t>(count);
    if (static_cast<unsigned>(count) == wanted) continue;
    int code = 0;
    gzerror(state_->file, &code);
    if (code != Z_OK && code != Z_STREAM_END) fail(path_, state_->file);
    break;
  }
  return filled;
}

void ByteSource::skip(std::uint64_t count) {
  std::vector<char> buffer(kBuffer);
  while (count > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, buffer.size()));
    if (read(std::span(buffer).first(wanted)) != wanted) {
      throw UserError(path_ + ": shorter than when it was read before");
    }
    count -= wanted;
  }
}

double ByteSource::fraction_read() const {
  if (state_->size <= 0) return 1;
  return std::min(1.0, static_cast<double>(gzoffset(state_->file)) / state_->size);
}

}  // namespace berta::io
